// Search: layers and filters, by a part of a layer's name, a number, or both.

// find lists at most so many places for what was typed: [text, hash].
function find(text, limit = 30) {
	const here = shown && shown.place && shown.place.layer;
	const words = decode(text.trim().replace(/^[/#]+/, "")).toLowerCase(); // a link is good as well
	const typed = /^(.*?)[\s/#,]*?(?:^|[\s/#,])(\d+)$/.exec(words);
	const all = network.layers.filter((layer) => layer.shown);
	const results = [];
	const rank = (name, part) => (name === part ? 0 : name.startsWith(part) ? 1 : 2);
	const matching = (part) =>
		all
			.filter((layer) => layer.name.toLowerCase().includes(part))
			.sort((a, b) => rank(a.name.toLowerCase(), part) - rank(b.name.toLowerCase(), part) || a.at - b.at);
	if (typed) {
		const index = Number(typed[2]);
		for (const layer of matching(typed[1].trim()).sort((a, b) => (b.name === here) - (a.name === here))) {
			if (index < layer.filters) results.push([`${layer.name}/${index}`, toFilter(layer.name, index), layer]);
		}
	}
	for (const layer of matching(words)) results.push([layer.name, toLayer(layer.name), layer]);
	return results.slice(0, limit);
}

let dialog = null;

function search() {
	if (dialog && dialog.open) return;
	const list = make("ul", { id: "results", role: "listbox", "aria-label": "Results" });
	const status = make("p", { class: "note", role: "status" });
	const input = make("input", {
		type: "text",
		inputmode: "search",
		id: "query",
		role: "combobox",
		autocomplete: "off",
		spellcheck: "false",
		"aria-expanded": "true",
		"aria-controls": "results",
		"aria-label": "Search layers and filters",
		placeholder: "A layer, a filter: block4_conv1/17, or 17",
	});
	let at = 0,
		results = [];
	const choose = (to) => {
		at = to;
		[...list.children].forEach((item, i) => {
			item.setAttribute("aria-selected", String(i === at));
			if (i === at) item.scrollIntoView({ block: "nearest" });
		});
		if (list.children[at]) input.setAttribute("aria-activedescendant", list.children[at].id);
		else input.removeAttribute("aria-activedescendant");
	};
	const open = (i) => {
		if (!results[i]) return;
		dialog.close();
		go(results[i][1]);
	};
	const update = () => {
		results = find(input.value);
		list.replaceChildren(
			...results.map(([text, , layer], i) =>
				make(
					"li",
					{ id: "result" + i, role: "option", onclick: () => open(i) },
					make("span", {}, text),
					make("small", {}, text === layer.name ? count(layer.filters, "filter") : layer.kind),
				),
			),
		);
		list.hidden = !results.length;
		status.textContent = results.length ? "" : "Nothing of that name.";
		choose(0);
	};
	input.addEventListener("input", update);
	input.addEventListener("keydown", (event) => {
		const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
		if (to !== undefined) choose(Math.min(Math.max(to, 0), results.length - 1));
		else if (event.key === "Enter") open(at);
		else return;
		event.preventDefault();
	});
	ask("search", "Search", [input, list, status]);
	update();
	input.focus();
}

// ask opens a dialog; Escape and a click beside it close it.
function ask(kind, title, content) {
	if (dialog) dialog.remove();
	dialog = make(
		"dialog",
		{
			class: kind,
			"aria-label": title,
			onclose: () => dialog.remove(),
			onclick: (event) => {
				if (event.target === dialog) dialog.close();
			},
		},
		make(
			"div",
			{ class: "inside" },
			make(
				"div",
				{ class: "row" },
				make("h2", {}, title),
				make("button", { type: "button", class: "plain", onclick: () => dialog.close() }, "Close"),
			),
			content,
		),
	);
	document.body.append(dialog);
	dialog.showModal();
}
