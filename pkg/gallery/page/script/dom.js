// Elements. Text only ever becomes text: nothing here makes markup of it.

const $ = (id) => document.getElementById(id);

// make makes an element: attributes (on… are listeners, null and false are left out), then children.
function make(tag, attributes = {}, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

// draw is make for SVG.
function draw(tag, attributes = {}, ...children) {
	return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (value === null || value === undefined || value === false) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else if (name === "style")
			for (const [property, v] of Object.entries(value)) element.style.setProperty(property, v);
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(
		...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
	);
	return element;
}

// picture is an image of the gallery's folder. One that is missing says so in its place.
function picture(file, text, attributes = {}) {
	return make("img", {
		src: address(file),
		alt: text || "",
		decoding: "async",
		...attributes,
		onerror: (event) => event.target.classList.add("lost"),
	});
}

// The gallery's folder is the script's: opened from a notebook, the page lies elsewhere, and each address has
// Jupyter's mark at its end.
const script = new URL(document.currentScript.src);
const root = new URL(".", script).href;

// address makes an address of a file's name, which may hold anything.
function address(file) {
	return root + String(file).split("/").map(encodeURIComponent).join("/") + script.search;
}

// say tells those who can't see what has changed.
function say(text) {
	$("live").textContent = "";
	requestAnimationFrame(() => {
		$("live").textContent = text;
	});
}

const known = (value) => value !== null && value !== undefined && value !== "";

// count is "1 filter", "4,224 filters".
function count(n, one, many = one + "s") {
	return n.toLocaleString("en") + " " + (n === 1 ? one : many);
}

// short writes a number with about three digits.
function short(value) {
	if (value === 0) return "0";
	const size = Math.abs(value);
	if (size >= 1e6 || size < 1e-3)
		return value.toExponential(1).replace("e+", "e").replace("-", "\u2212").replace("e-", "e\u2212");
	const text = size >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
	return text.replace("-", "\u2212");
}

const percent = (share) =>
	(100 * share >= 10 || share === 0 ? Math.round(100 * share) : Number((100 * share).toPrecision(2))) + " %";

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
