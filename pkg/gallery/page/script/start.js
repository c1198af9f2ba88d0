// What is on every page, and the beginning.

function start() {
	const button = (id, text, title, act) =>
		make("button", { type: "button", id, title, class: "tool", onclick: act }, text);
	$("tools").replaceChildren(
		button(
			"find",
			[
				draw(
					"svg",
					{ viewBox: "0 0 16 16", "aria-hidden": "true" },
					draw("path", { d: "M11 11l4 4M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10z" }),
				),
				make("span", {}, "Search"),
				make("kbd", { "aria-hidden": "true" }, "/"),
			],
			"Search layers and filters",
			search,
		),
		button(
			"theme",
			[
				draw(
					"svg",
					{ viewBox: "0 0 16 16", "aria-hidden": "true" },
					draw("path", { d: "M8 2a6 6 0 1 0 0 12z", class: "full" }),
					draw("circle", { cx: 8, cy: 8, r: 6 }),
				),
				make("span", { class: "hidden" }, "Dark"),
			],
			"",
			toggleTheme,
		),
		button(
			"help",
			[make("span", { "aria-hidden": "true" }, "?"), make("span", { class: "hidden" }, "Keys")],
			"Keys",
			help,
		),
	);
	theme();
	$("skip").addEventListener("click", (event) => {
		event.preventDefault();
		$("main").focus();
	});
	const settings = [
		network.methods && network.methods.length && "methods " + network.methods.join(", "),
		network.size > 0 && network.size + " px",
		network.seeds > 1 && network.seeds + " seeds",
	]
		.filter(Boolean)
		.join(" · ");
	$("foot").replaceChildren(
		settings && make("p", {}, settings),
		network.command ? make("p", {}, "Made with ", make("code", {}, network.command)) : "",
		make(
			"p",
			{},
			[network.program, known(network.fingerprint) && "weights " + network.fingerprint]
				.filter(Boolean)
				.join(" · "),
		),
	);
	if ("scrollRestoration" in history) history.scrollRestoration = "manual";
	addEventListener("hashchange", () => {
		if (location.hash !== routed) route();
	});
	addEventListener(
		"scroll",
		() => {
			if (location.hash === routed) scrolled.set(routed, scrollY);
		},
		{ passive: true },
	);
	route();
}
