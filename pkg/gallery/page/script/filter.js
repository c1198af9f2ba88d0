// A filter's own page. What is not known of it is left out.

function filterView(summary, data, index, current) {
	const filter = data.by && data.by.get(index);
	const title = `${summary.name}, filter ${index}`;
	if (!filter) {
		return sorry(
			title,
			index < summary.filters
				? "This filter is not computed yet, or not part of this gallery."
				: `${summary.name} has ${count(summary.filters, "filter")}: they are counted from 0.`,
		);
	}
	const order = arranged(data.filters);
	const list = order.includes(filter) ? order : data.filters;
	const at = list.indexOf(filter);
	const beside = (by) => list[at + by] && toFilter(summary.name, list[at + by].index);
	const [before, after] = [beside(-1), beside(1)];
	const around = make("div", { class: "around" });
	neighbors(filter, current).then((sections) => around.replaceChildren(...sections));
	return {
		kind: "filter",
		title: `${summary.name}/${index}`,
		says: `${title}, ${filter.fate}`,
		keys: { ArrowLeft: before && (() => go(before)), ArrowRight: after && (() => go(after)) },
		content: [
			make(
				"div",
				{ class: "row filterhead" },
				make(
					"h1",
					{},
					make("a", { href: toLayer(summary.name) }, summary.name),
					" ",
					make("span", {}, "filter ", make("b", {}, index)),
				),
				make(
					"nav",
					{ class: "sides", "aria-label": "Filters beside this one" },
					side(before, "Previous", "←"),
					make("span", { class: "place" }, `${at + 1} of ${list.length.toLocaleString("en")}`),
					side(after, "Next", "→"),
				),
			),
			make(
				"div",
				{ class: "sheet" },
				portrait(filter, title),
				make(
					"div",
					{ class: "story" },
					story(summary, filter),
					shots(filter),
					photos(filter),
					chartOf(filter),
				),
			),
			around,
			again(filter),
		],
	};
}

const side = (href, text, arrow) =>
	href
		? make("a", { href, class: "beside", "aria-label": text + " filter" }, arrow)
		: make("span", { class: "beside off", "aria-hidden": "true" }, arrow);

// portrait is the large pattern, and the film below it.
function portrait(filter, title) {
	const shot = largest(filter);
	return make(
		"div",
		{ class: "portrait" },
		make(
			"figure",
			{ id: "portrait" },
			shot
				? [picture(shot.file, shot.text), make("figcaption", {}, caption(shot))]
				: [make("div", { class: "none" }), make("figcaption", {}, "There is no picture of it.")],
		),
		filmOf(filter, title),
	);
}

// largest is the first pattern, in its largest size.
function largest(filter) {
	const shot = first(filter);
	const same = (filter.pictures || []).filter(
		(p) => p.method === shot.method && p.seed === shot.seed && !p.negative === !shot.negative,
	);
	return same.reduce((best, p) => (p.size > best.size ? p : best), shot);
}

const caption = (shot) =>
	[
		shot.method,
		`${shot.size} px`,
		shot.negative ? "least excited" : null,
		known(shot.seed) ? `seed ${shot.seed}` : null,
	]
		.filter(Boolean)
		.join(" · ");
