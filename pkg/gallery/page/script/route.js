// Links: "#" is the map, "#block4_conv1" a layer's wall, "#block4_conv1/17" a filter. Layers' names may hold slashes,
// colons and percents: in a link they are encoded.

const toLayer = (name) => "#" + encodeURIComponent(name);
const toFilter = (name, index) => toLayer(name) + "/" + index;

// decode leaves a percent that somebody typed.
function decode(text) {
	return text.replace(/(%[0-9a-f]{2})+/gi, (code) => {
		try {
			return decodeURIComponent(code);
		} catch {
			return code;
		}
	});
}

// parse finds what a hash links to: {layer, index}, {layer}, {} for the map, or null where there is no such thing.
function parse(hash) {
	const raw = hash.replace(/^#/, "");
	if (raw === "") return {};
	const found = [];
	const cut = raw.lastIndexOf("/");
	if (cut >= 0 && /^\d+$/.test(raw.slice(cut + 1))) {
		found.push({ layer: decode(raw.slice(0, cut)), index: Number(raw.slice(cut + 1)) });
	}
	found.push({ layer: decode(raw) });
	const typed = /^(.*)\/(\d+)$/s.exec(decode(raw)); // "#a/b/3" typed by hand
	if (typed) found.push({ layer: typed[1], index: Number(typed[2]) });
	return found.find((place) => layers.has(place.layer)) || null;
}

let routed = null; // the hash that is shown
let shown = null; // what is on the page: {place, keys, leave}
const scrolled = new Map(); // how far each hash was scrolled

// route shows what the address says.
async function route() {
	routed = location.hash;
	const place = parse(routed);
	const from = shown && shown.place;
	if (shown && shown.leave) shown.leave();
	const ticket = {};
	shown = { place, ticket };
	const current = () => shown.ticket === ticket;
	let view;
	try {
		if (place === null) view = nowhere();
		else if (!place.layer) view = mapView();
		else {
			const summary = layers.get(place.layer);
			const content =
				summary.shown && summary.done > 0 ? await load(summary) : { name: summary.name, filters: [] };
			if (!current()) return;
			view =
				place.index === undefined
					? wallView(summary, content, from)
					: filterView(summary, content, place.index, current);
		}
	} catch (error) {
		if (!current()) return;
		view = sorry("This page can't be shown", error.message);
	}
	if (!current() || !view) return;
	Object.assign(shown, view);
	crumbs(place);
	document.title = (view.title ? view.title + " · " : "") + network.title;
	$("main").className = view.kind || "";
	$("main").replaceChildren(...view.content.flat(Infinity).filter(Boolean));
	if (view.enter) view.enter();
	// Up, to where it was left.
	const back = from && place && (!place.layer || (place.layer === from.layer && place.index === undefined));
	scrollTo(0, (back && scrolled.get(routed)) || 0);
	if (from) {
		// not on the first page, which the browser reads by itself
		if (!back || !view.settle || !view.settle()) $("main").focus({ preventScroll: true });
		say(view.says || view.title || network.title);
	}
}

const nowhere = () =>
	sorry(
		"There is no such page",
		`The link ends in “${decode(location.hash)}”, but ${network.title} has no layer of that name.`,
	);

function sorry(title, text) {
	return {
		title,
		kind: "sorry",
		content: [
			make("h1", {}, title),
			make("p", {}, text),
			make("p", {}, make("a", { href: "#" }, "To the map of all layers")),
		],
	};
}

// crumbs shows the way from the map to here.
function crumbs(place) {
	const steps = [[network.title, "#"]];
	if (place && place.layer) steps.push([place.layer, toLayer(place.layer)]);
	if (place && place.index !== undefined) steps.push(["filter " + place.index, toFilter(place.layer, place.index)]);
	$("crumbs").replaceChildren(
		make(
			"ol",
			{},
			steps.map(([text, href], i) =>
				make("li", {}, make("a", { href, "aria-current": i === steps.length - 1 ? "page" : null }, text)),
			),
		),
	);
}

// go follows a link at once: the event would come after the next key.
function go(hash) {
	location.hash = hash;
	if (location.hash !== routed) route();
}

// up goes from a filter to its layer, from a layer to the map.
function up() {
	const place = shown && shown.place;
	if (place && place.index !== undefined) go(toLayer(place.layer));
	else if (!place || place.layer) go("#");
}
