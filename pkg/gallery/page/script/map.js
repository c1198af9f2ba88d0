// The first page: the network as a list of its layers, each with some of its patterns, and the lines between them.

let between = null; // whether the layers that only lie between are on the map; null: only where they are few
const few = 60;

function mapView() {
	if (between === null) between = network.layers.length <= few;
	const list = make("ol", { class: "layers", id: "layers" });
	const fillList = () => {
		const rows = joined(network.layers, (layer) => layer.shown || between);
		const width = lanes(rows);
		const step = Math.max(3, Math.min(16, (innerWidth < 600 ? 60 : 160) / width));
		list.replaceChildren(
			...rows.map((row) =>
				make(
					"li",
					{ class: row.layer.shown ? "shown" : "between" },
					track(row, width, step),
					row.layer.shown ? card(row.layer) : quiet(row.layer),
				),
			),
		);
	};
	fillList();
	const hidden = joined(network.layers, (layer) => layer.shown).length < network.layers.length;
	const toggle =
		hidden &&
		make(
			"label",
			{ class: "check" },
			make("input", {
				type: "checkbox",
				checked: between,
				onchange: (event) => {
					between = event.target.checked;
					fillList();
				},
			}),
			" Layers between",
		);
	return {
		kind: "map",
		says: network.title + ", the map of its layers",
		keys: { ArrowDown: () => step(1), ArrowUp: () => step(-1) },
		content: [hero(), make("div", { class: "row head" }, make("h2", {}, "Layers"), toggle), list],
	};
}

// step moves between the layers' links.
function step(by) {
	const links = [...document.querySelectorAll("#layers a")];
	const at = links.indexOf(document.activeElement);
	const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)];
	if (next) next.focus();
}

function hero() {
	const all = network.layers.filter((layer) => layer.shown);
	const sum = (what) => all.reduce((total, layer) => total + layer[what], 0);
	const [filters, done] = [sum("filters"), sum("done")];
	const facts = [
		[filters.toLocaleString("en"), filters === 1 ? "filter" : "filters"],
		[all.length.toLocaleString("en"), all.length === 1 ? "layer" : "layers"],
		sum("rescued") > 0 && [sum("rescued").toLocaleString("en"), "rescued"],
		sum("dead") + sum("inert") > 0 && [(sum("dead") + sum("inert")).toLocaleString("en"), "silent"],
		network.photos > 0 && [
			network.photos.toLocaleString("en"),
			network.photos === 1 ? "photograph" : "photographs",
		],
	].filter(Boolean);
	return make(
		"section",
		{ class: "hero", "aria-label": "About this gallery" },
		make(
			"div",
			{},
			make("h1", {}, network.title),
			make(
				"p",
				{ class: "lede" },
				"What each filter of this network wants to see: pictures that were grown, from noise, ",
				"to excite it as much as possible",
				network.photos > 0 ? ", and beside them the pieces of real photographs that excite it most." : ".",
			),
			done < filters && progress(done, filters),
		),
		make(
			"dl",
			{ class: "facts" },
			facts.map(([value, name]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))),
		),
	);
}

function progress(done, filters) {
	return make(
		"p",
		{ class: "progress" },
		make("progress", { max: filters, value: done, "aria-label": "Filters that are computed" }),
		` ${done.toLocaleString("en")} of ${count(filters, "filter")} are computed so far.`,
	);
}

// facts are what is known of a layer, in a few words.
function traits(layer) {
	return [
		layer.kind,
		layer.output,
		known(layer.field) && (layer.field > 0 ? `sees ${layer.field} px` : "sees the whole picture"),
	]
		.filter(Boolean)
		.map((text) => make("span", {}, text));
}

function fates(layer) {
	return ["rescued", "inert", "dead"]
		.filter((fate) => layer[fate] > 0)
		.map((fate) => make("span", { class: "fate " + fate }, `${layer[fate]} ${fate}`));
}

function card(layer) {
	return make(
		"a",
		{ class: "card", href: toLayer(layer.name) },
		make("span", { class: "name" }, layer.name),
		make("span", { class: "traits" }, traits(layer)),
		layer.preview
			? picture(layer.preview, "", { class: "strip", loading: "lazy", height: 48 })
			: make("span", { class: "strip none" }),
		make(
			"span",
			{ class: "counts" },
			make(
				"span",
				{},
				layer.done < layer.filters
					? `${layer.done} of ${count(layer.filters, "filter")}`
					: count(layer.filters, "filter"),
			),
			fates(layer),
		),
	);
}

function quiet(layer) {
	return make(
		"div",
		{ class: "quiet" },
		make("span", { class: "name" }, layer.name),
		make("span", { class: "traits" }, traits({ ...layer, field: null })),
	);
}
