// A filter's own page. What is not known of it is left out.

const sentences = {
	alive: "It answered to its own start, and its pattern grew from there.",
	rescued: "It was silent at first and had to be woken",
	inert: "It has no pattern: it stays silent",
	dead: "It never answered from its start: the picture shows nothing of it.",
};

function filterView(summary, data, index, current) {
	const filter = data.by && data.by.get(index);
	const title = `${summary.name}, filter ${index}`;
	if (!filter) {
		return sorry(title, index < summary.filters ? "This filter is not computed yet, or not part of this gallery."
			: `${summary.name} has ${count(summary.filters, "filter")}: they are counted from 0.`);
	}
	const order = arranged(data.filters);
	const list = order.includes(filter) ? order : data.filters;
	const at = list.indexOf(filter);
	const beside = (by) => list[at + by] && toFilter(summary.name, list[at + by].index);
	const [before, after] = [beside(-1), beside(1)];
	const around = make("div", { class: "around" });
	neighbors(filter, current).then((sections) => around.replaceChildren(...sections));
	return {
		kind: "filter", title: `${summary.name}/${index}`, says: `${title}, ${filter.fate}`,
		keys: { ArrowLeft: before && (() => go(before)), ArrowRight: after && (() => go(after)) },
		content: [
			make("div", { class: "row filterhead" },
				make("h1", {}, make("a", { href: toLayer(summary.name) }, summary.name), " ", make("span", {}, "filter ", make("b", {}, index))),
				make("nav", { class: "sides", "aria-label": "Filters beside this one" },
					side(before, "Previous", "←"), make("span", { class: "place" }, `${at + 1} of ${list.length.toLocaleString("en")}`), side(after, "Next", "→"))),
			make("div", { class: "sheet" }, portrait(filter, title), make("div", { class: "story" }, story(summary, filter), shots(filter), photos(filter), chartOf(filter))),
			around, again(filter)],
	};
}

const side = (href, text, arrow) => href ? make("a", { href, class: "beside", "aria-label": text + " filter" }, arrow)
	: make("span", { class: "beside off", "aria-hidden": "true" }, arrow);

// portrait is the large pattern, and the film below it.
function portrait(filter, title) {
	const shot = largest(filter);
	return make("div", { class: "portrait" },
		make("figure", { id: "portrait" }, shot
			? [picture(shot.file, shot.text), make("figcaption", {}, caption(shot))]
			: [make("div", { class: "none" }), make("figcaption", {}, "There is no picture of it.")]),
		filmOf(filter, title));
}

// largest is the first pattern, in its largest size.
function largest(filter) {
	const shot = first(filter);
	const same = (filter.pictures || []).filter((p) => p.method === shot.method && p.seed === shot.seed && !p.negative === !shot.negative);
	return same.reduce((best, p) => (p.size > best.size ? p : best), shot);
}

const caption = (shot) => [shot.method, `${shot.size} px`, shot.negative ? "least excited" : null, known(shot.seed) ? `seed ${shot.seed}` : null].filter(Boolean).join(" · ");

function story(summary, filter) {
	const how = filter.how && filter.fate !== "alive" ? `: ${filter.how}` : "";
	const text = (sentences[filter.fate] || filter.fate) + (how || (/[.]$/.test(sentences[filter.fate] || ".") ? "" : "."));
	const names = scored(filter);
	return make("section", {}, make("h2", { class: "hidden" }, "What became of it"),
		make("p", { class: "verdict" }, make("span", { class: "fate " + filter.fate }, filter.fate), " ", text),
		names.length > 0 && make("dl", { class: "scores" }, names.map((name) => {
			const [word, meaning, write] = scores[name] || [name, "", short];
			return make("div", { title: meaning }, make("dt", {}, word), make("dd", {}, write(score(filter, name), filter)), make("dd", { class: "meaning" }, meaning));
		})));
}

// shots are all patterns, by method; each can take the large one's place.
function shots(filter) {
	const list = filter.pictures || [];
	if (list.length < 2) return null;
	const big = largest(filter);
	const choose = (shot) => (event) => {
		for (const other of event.currentTarget.closest(".shots").querySelectorAll("button")) other.setAttribute("aria-pressed", "false");
		event.currentTarget.setAttribute("aria-pressed", "true");
		$("portrait").replaceChildren(picture(shot.file, shot.text), make("figcaption", {}, caption(shot)));
		say("shown large: " + caption(shot));
	};
	const methods = [...new Set(list.map((shot) => shot.method))];
	return make("section", {}, make("h2", {}, "Patterns"),
		make("div", { class: "shots" }, methods.map((method) => make("div", { role: "group", "aria-label": method }, make("h3", {}, method),
			make("div", { class: "strip" }, list.filter((shot) => shot.method === method).map((shot) =>
				make("button", { type: "button", "aria-pressed": String(shot === big), onclick: choose(shot) },
					picture(shot.file, shot.text, { width: 96, height: 96, loading: "lazy" }),
					make("span", { class: "label" }, kindOf(shot, list)))))))));
}

const kindOf = (shot, list) => shot.negative ? "negative"
	: `${shot.size} px` + (new Set(list.map((other) => other.seed)).size > 1 ? `, seed ${shot.seed}` : "");

function photos(filter) {
	const list = filter.examples || [];
	if (!list.length) return null;
	return make("section", {}, make("h2", {}, "In photographs"),
		make("p", { class: "note" }, "The pieces of real photographs that excite it most, the strongest first."),
		make("ol", { class: "examples" }, list.map((example) => make("li", {}, make("figure", {},
			picture(example.file, example.text, { loading: "lazy" }),
			make("figcaption", {}, known(example.activation) && make("b", {}, short(example.activation)), " ",
				make("span", { title: example.photo }, example.photo)))))));
}

function chartOf(filter) {
	const drawn = chart(filter);
	return drawn && make("section", {}, make("h2", {}, "How strongly it answers"), drawn);
}

function again(filter) {
	const parts = [["On the command line", filter.command], ["In a notebook", filter.cell]].filter(([, text]) => text);
	return parts.length > 0 && make("section", { class: "again" }, make("h2", {}, "Make it again"),
		parts.map(([title, text]) => make("div", { class: "code" },
			make("div", { class: "row" }, make("h3", {}, title), make("button", { type: "button", class: "plain", onclick: (event) => copy(text, event.currentTarget) }, "Copy")),
			make("pre", { tabindex: "0", role: "region", "aria-label": title }, make("code", {}, text)))));
}

// copy puts a text on the clipboard; where that is not allowed it selects the text, ready for Ctrl+C.
async function copy(text, button) {
	let done = "Copied";
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		getSelection().selectAllChildren(button.closest(".code").querySelector("code"));
		done = document.execCommand("copy") ? "Copied" : "Selected";
	}
	button.textContent = done;
	say(done);
	setTimeout(() => { button.textContent = "Copy"; }, 1500);
}
