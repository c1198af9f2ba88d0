// What stands above a wall: the layer in a few words, and what to show of it in which order.

function wallHead(summary, data) {
	const at = network.layers.filter((layer) => layer.shown);
	const here = at.indexOf(summary);
	const beside = (layer, text, before, after) =>
		layer &&
		make(
			"a",
			{ href: toLayer(layer.name), class: "beside" },
			before,
			make("span", {}, layer.name),
			make("span", { class: "hidden" }, text),
			after,
		);
	const empty =
		!data.filters.length &&
		make(
			"p",
			{ class: "note" },
			summary.shown
				? "None of its filters is computed yet."
				: "This gallery does not show this layer's filters.",
		);
	return make(
		"div",
		{ class: "wallhead" },
		make(
			"div",
			{ class: "row" },
			make("h1", {}, summary.name),
			summary.shown &&
				make(
					"nav",
					{ class: "sides", "aria-label": "Layers beside this one" },
					beside(at[here - 1], ", the layer before", "← "),
					beside(at[here + 1], ", the layer after", null, " →"),
				),
		),
		make(
			"p",
			{ class: "traits" },
			traits(summary),
			make("span", {}, count(summary.filters, "filter")),
			fates(summary),
		),
		summary.shown && summary.done > 0 && summary.done < summary.filters && progress(summary.done, summary.filters),
		empty,
	);
}

function toolbar(data, status, arrange, lay) {
	const options = orders(data.filters);
	const sort = make(
		"select",
		{
			id: "sort",
			onchange: (event) => {
				wanted.order = event.target.value;
				arrange();
			},
		},
		options.map(([name, text]) => make("option", { value: name, selected: name === wanted.order }, text)),
	);
	const found = ["alive", "rescued", "inert", "dead"].map((fate) => [
		fate,
		data.filters.filter((filter) => filter.fate === fate).length,
	]);
	if (!found.some(([fate, n]) => fate === wanted.fate && n > 0)) wanted.fate = "all";
	const chosen = found.filter(([, n]) => n > 0);
	const fate =
		chosen.length > 1 &&
		make(
			"fieldset",
			{ class: "chips" },
			make("legend", { class: "hidden" }, "Fate"),
			[["all", data.filters.length], ...chosen].map(([name, n]) =>
				make(
					"label",
					{},
					make("input", {
						type: "radio",
						name: "fate",
						value: name,
						checked: name === wanted.fate,
						onchange: () => {
							wanted.fate = name;
							arrange();
						},
					}),
					make("span", {}, name, " ", make("small", {}, n)),
				),
			),
		);
	const size = make(
		"fieldset",
		{ class: "chips size" },
		make("legend", { class: "hidden" }, "Size of the pictures"),
		Object.keys(sizes).map((name) =>
			make(
				"label",
				{},
				make("input", {
					type: "radio",
					name: "size",
					value: name,
					checked: name === tile,
					onchange: () => {
						tile = name;
						lay();
					},
				}),
				make("span", {}, name),
			),
		),
	);
	arrange();
	return make(
		"div",
		{ class: "toolbar", role: "group", "aria-label": "What the wall shows" },
		make("label", { class: "sort" }, "Sort by ", sort),
		fate,
		size,
		status,
	);
}
