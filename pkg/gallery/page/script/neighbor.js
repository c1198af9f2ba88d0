// Neighbours: filters that feed this one, that it feeds, and that answer alike.

// kernelOf draws a kernel as squares: blue holds the filter back, red drives it.
function kernelOf(kernel) {
	if (!kernel || !kernel.length || !kernel[0].length) return null;
	const [rows, columns] = [kernel.length, Math.max(...kernel.map((row) => row.length))];
	const most = Math.max(...kernel.flat().map(Math.abs)) || 1;
	const text = kernel.map((row) => row.map(short).join(", ")).join("; ");
	return draw(
		"svg",
		{
			class: "kernel",
			viewBox: `0 0 ${columns} ${rows}`,
			role: "img",
			"shape-rendering": "crispEdges",
			"aria-label": `Its kernel of ${rows} by ${columns} weights: ${text}`,
		},
		kernel.flatMap((row, y) =>
			row.map((weight, x) =>
				draw("rect", {
					x,
					y,
					width: 1,
					height: 1,
					class: weight < 0 ? "minus" : "plus",
					"fill-opacity": (Math.abs(weight) / most).toFixed(3) || 0,
				}),
			),
		),
	);
}

const groups = [
	[
		"fedBy",
		"Fed by",
		"Filters of the layer before whose output weighs most in this one. " +
			"The small square is the kernel between them: red drives it, blue holds it back.",
	],
	["feeds", "Feeds", "Filters of the layer after in which this one weighs most."],
	[
		"alike",
		"Answers alike",
		"Filters of its own layer that answer most alike on the photographs, with the correlation.",
	],
];

// neighbors loads the layers that are named, for their pictures, and shows those that are there.
async function neighbors(filter, current) {
	const sections = [];
	for (const [key, title, text] of groups) {
		const list = filter[key] || [];
		if (!list.length) continue;
		const cards = [];
		for (const neighbor of list) {
			const summary = layers.get(neighbor.layer);
			let data = null;
			if (summary && summary.shown && summary.done > 0) {
				data = await load(summary).catch(() => null); // without its picture then
				if (!current()) return [];
			}
			cards.push(neighborCard(neighbor, data && data.by.get(neighbor.filter), key));
		}
		const outside = [...new Set(list.map((neighbor) => neighbor.layer))];
		sections.push(
			make(
				"section",
				{ class: "neighbors" },
				make("h2", {}, title, " ", outside.length === 1 && key !== "alike" && make("small", {}, outside[0])),
				make("p", { class: "note" }, text),
				make(
					"ul",
					{ class: "cards" },
					cards.map((card) => make("li", {}, card)),
				),
			),
		);
	}
	return sections;
}

function neighborCard(neighbor, other, key) {
	const shot = first(other);
	const name = `${neighbor.layer}, filter ${neighbor.filter}, ${key === "alike" ? "correlation" : "weight"}`;
	const kernel = kernelOf(neighbor.kernel);
	const parts = [
		shot
			? picture(shot.file, name, { width: 80, height: 80, loading: "lazy" })
			: [make("span", { class: "hidden" }, name), kernel || make("span", { class: "none" })],
		make(
			"span",
			{ class: "label" },
			make("b", {}, neighbor.filter),
			known(neighbor.weight) &&
				make(
					"span",
					{ class: "value" },
					key === "alike" ? neighbor.weight.toFixed(2).replace("-", "\u2212") : short(neighbor.weight),
				),
		),
	];
	return make(
		"div",
		{ class: "neighbor" },
		other
			? make("a", { href: toFilter(neighbor.layer, neighbor.filter), title: name }, parts)
			: make("span", { title: name }, parts),
		shot && kernel,
	);
}
