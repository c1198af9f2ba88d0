// The keyboard.

const helpText = [
	["/", "search layers and filters"],
	["← →", "the filter before, the filter after"],
	["↑ ↓", "a row up or down on a wall, a layer up or down on the map"],
	["Enter", "open"],
	["Escape", "back: to the layer, to the map"],
	["Home End", "the first filter, the last filter of a wall"],
	["d", "dark or light"],
	["?", "this list"],
];

function help() {
	ask(
		"help",
		"Keys",
		make(
			"dl",
			{},
			helpText.map(([keys, text]) =>
				make(
					"div",
					{},
					make(
						"dt",
						{},
						keys.split(" ").map((key) => make("kbd", {}, key)),
					),
					make("dd", {}, text),
				),
			),
		),
	);
}

// busy says whether an element takes keys itself.
function busy(element, key) {
	if (element.closest("dialog, [contenteditable]")) return true;
	if (element.matches("pre")) return key.startsWith("Arrow");
	if (element.matches("select, textarea")) return true;
	if (!element.matches("input") || element.type === "checkbox") return false;
	return element.type === "text" || /^(Arrow|Home|End)/.test(key);
}

addEventListener("keydown", (event) => {
	if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
	if (busy(event.target instanceof Element ? event.target : document.body, event.key)) return;
	const act = { "/": search, "?": help, d: toggleTheme, Escape: up, ...(shown && shown.keys) }[event.key];
	if (!act || !network.layers.length) return;
	event.preventDefault();
	act();
});
