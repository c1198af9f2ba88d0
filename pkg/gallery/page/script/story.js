// What is told of a filter beside its pattern: what became of it, its scores, all patterns, and photographs.

const sentences = {
	alive: "It answered to its own start, and its pattern grew from there.",
	rescued: "It was silent at first and had to be woken",
	inert: "It has no pattern: it stays silent",
	dead: "It never answered from its start: the picture shows nothing of it.",
};

function story(summary, filter) {
	const how = filter.how && filter.fate !== "alive" ? `: ${filter.how}` : "";
	const text =
		(sentences[filter.fate] || filter.fate) + (how || (/[.]$/.test(sentences[filter.fate] || ".") ? "" : "."));
	const names = scored(filter);
	return make(
		"section",
		{},
		make("h2", { class: "hidden" }, "What became of it"),
		make("p", { class: "verdict" }, make("span", { class: "fate " + filter.fate }, filter.fate), " ", text),
		names.length > 0 &&
			make(
				"dl",
				{ class: "scores" },
				names.map((name) => {
					const [word, meaning, write] = scores[name] || [name, "", short];
					return make(
						"div",
						{ title: meaning },
						make("dt", {}, word),
						make("dd", {}, write(score(filter, name), filter)),
						make("dd", { class: "meaning" }, meaning),
					);
				}),
			),
	);
}

// shots are all patterns, by method; each can take the large one's place.
function shots(filter) {
	const list = filter.pictures || [];
	if (list.length < 2) return null;
	const big = largest(filter);
	const choose = (shot) => (event) => {
		for (const other of event.currentTarget.closest(".shots").querySelectorAll("button"))
			other.setAttribute("aria-pressed", "false");
		event.currentTarget.setAttribute("aria-pressed", "true");
		$("portrait").replaceChildren(picture(shot.file, shot.text), make("figcaption", {}, caption(shot)));
		say("shown large: " + caption(shot));
	};
	const methods = [...new Set(list.map((shot) => shot.method))];
	return make(
		"section",
		{},
		make("h2", {}, "Patterns"),
		make(
			"div",
			{ class: "shots" },
			methods.map((method) =>
				make(
					"div",
					{ role: "group", "aria-label": method },
					make("h3", {}, method),
					make(
						"div",
						{ class: "strip" },
						list
							.filter((shot) => shot.method === method)
							.map((shot) =>
								make(
									"button",
									{ type: "button", "aria-pressed": String(shot === big), onclick: choose(shot) },
									picture(shot.file, shot.text, { width: 96, height: 96, loading: "lazy" }),
									make("span", { class: "label" }, kindOf(shot, list)),
								),
							),
					),
				),
			),
		),
	);
}

const kindOf = (shot, list) =>
	shot.negative
		? "negative"
		: `${shot.size} px` + (new Set(list.map((other) => other.seed)).size > 1 ? `, seed ${shot.seed}` : "");

function photos(filter) {
	const list = filter.examples || [];
	if (!list.length) return null;
	return make(
		"section",
		{},
		make("h2", {}, "In photographs"),
		make("p", { class: "note" }, "The pieces of real photographs that excite it most, the strongest first."),
		make(
			"ol",
			{ class: "examples" },
			list.map((example) =>
				make(
					"li",
					{},
					make(
						"figure",
						{},
						picture(example.file, example.text, { loading: "lazy" }),
						make(
							"figcaption",
							{},
							known(example.activation) && make("b", {}, short(example.activation)),
							" ",
							make("span", { title: placed(example) }, example.photo),
						),
					),
				),
			),
		),
	);
}

// placed says where in its photograph a piece lies.
function placed({ photo, place }) {
	return place && place[2] > 0 ? `${photo}: ${place[2]} x ${place[3]} pixels at ${place[0]}, ${place[1]}` : photo;
}

function chartOf(filter) {
	const drawn = chart(filter);
	return drawn && make("section", {}, make("h2", {}, "How strongly it answers"), drawn);
}
