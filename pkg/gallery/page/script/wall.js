// A layer: a wall of its filters' patterns. Only the rows near the window are in the page, so that a wall of thousands
// takes no more memory than one of dozens.

const actives = new Map(); // by layer: the filter on which the keyboard stands
const sizes = { small: 72, medium: 112, large: 176 };
let tile = "medium";
const label = 24; // pixels below a picture
const spare = 3; // rows kept above and below the window

function wallView(summary, data, from) {
	let filters = [],
		columns = 1,
		side = 0,
		all = false;
	let wide = 0; // phones change the height alone while they scroll
	const rows = new Map(); // by their number: those in the page
	const wall = make("ul", { class: "wall", id: "wall", "aria-label": "Filters of " + summary.name });
	const status = make("span", { class: "status" });
	const gap = 10;

	const row = (n) => {
		const list = filters.slice(n * columns, (n + 1) * columns);
		return list.map((filter, i) => {
			const at = n * columns + i;
			return make(
				"li",
				{
					"aria-setsize": filters.length,
					"aria-posinset": at + 1,
					style: { left: i * (side + gap) + "px", top: n * (side + label + gap) + "px", width: side + "px" },
				},
				tileOf(summary, filter, side),
			);
		});
	};
	const active = () =>
		Math.max(
			filters.findIndex((filter) => filter.index === actives.get(summary.name)),
			0,
		);
	const paint = () => {
		const height = side + label + gap;
		const top = -wall.getBoundingClientRect().top;
		const last = Math.ceil(filters.length / columns) - 1;
		let low = Math.max(0, Math.floor(top / height) - spare),
			high = Math.min(last, Math.ceil((top + innerHeight) / height) + spare);
		if (all) [low, high] = [0, last];
		const keep = Math.floor(active() / columns); // what has the focus stays
		for (const [n, items] of rows) {
			if ((n < low || n > high) && n !== keep) {
				for (const item of items) {
					const image = item.querySelector("img");
					if (image) image.removeAttribute("src"); // what is still loading need not come
					item.remove();
				}
				rows.delete(n);
			}
		}
		for (const n of new Set(
			[...Array(Math.max(high - low + 1, 0)).keys()].map((i) => low + i).concat(filters.length ? keep : []),
		)) {
			if (rows.has(n)) continue;
			const items = row(n);
			rows.set(n, items);
			const after = [...rows.keys()].filter((other) => other > n).sort((a, b) => a - b)[0];
			const before = after === undefined ? null : rows.get(after)[0];
			for (const item of items) wall.insertBefore(item, before);
		}
		mark();
	};
	const mark = () => {
		const index = filters.length ? filters[active()].index : -1;
		for (const link of wall.querySelectorAll("a")) link.tabIndex = Number(link.dataset.index) === index ? 0 : -1;
	};
	const lay = () => {
		const width = (wide = wall.clientWidth);
		columns = Math.max(innerWidth < 600 ? 3 : 1, Math.floor((width + gap) / (sizes[tile] + gap)));
		side = Math.floor((width + gap) / columns) - gap;
		wall.replaceChildren();
		rows.clear();
		wall.style.height = Math.ceil(filters.length / columns) * (side + label + gap) + "px";
		paint();
	};
	const arrange = () => {
		filters = arranged(data.filters);
		const total = data.filters.length;
		status.textContent =
			filters.length === total ? count(total, "filter") : `${filters.length} of ${count(total, "filter")}`;
		if (wall.isConnected) {
			lay();
			say(status.textContent);
		}
	};
	const move = (to, focus = true) => {
		if (!filters.length) return;
		const at = Math.min(Math.max(to, 0), filters.length - 1);
		actives.set(summary.name, filters[at].index);
		const top = Math.floor(at / columns) * (side + label + gap) + wall.getBoundingClientRect().top;
		const bar = 72;
		if (top < bar) scrollBy(0, top - bar - gap);
		else if (top + side + label > innerHeight) scrollBy(0, top + side + label - innerHeight + gap);
		paint();
		const link = wall.querySelector(`a[data-index="${filters[at].index}"]`);
		if (focus && link) link.focus({ preventScroll: true });
	};
	// The first arrow goes to where the keyboard stands, the next ones from there.
	const by = (n) => () => move(wall.contains(document.activeElement) ? active() + n() : active());
	let frame = 0;
	const onscroll = () => {
		frame =
			frame ||
			requestAnimationFrame(() => {
				frame = 0;
				paint();
			});
	};
	const onresize = () => {
		if (wall.clientWidth !== wide) lay();
		else paint();
	};
	const onprint = (event) => {
		all = event.type === "beforeprint";
		paint();
	};
	wall.addEventListener("focusin", (event) => {
		const link = event.target.closest("a");
		if (link) {
			actives.set(summary.name, Number(link.dataset.index));
			mark();
		}
	});
	return {
		kind: "layer",
		title: summary.name,
		says: `${summary.name}, ${count(data.filters.length, "filter")}`,
		content: [wallHead(summary, data), data.filters.length > 0 && toolbar(data, status, arrange, lay), wall],
		keys: {
			ArrowRight: by(() => 1),
			ArrowLeft: by(() => -1),
			ArrowDown: by(() => columns),
			ArrowUp: by(() => -columns),
			Home: by(() => -filters.length),
			End: by(() => filters.length),
		},
		enter() {
			lay();
			addEventListener("scroll", onscroll, { passive: true });
			addEventListener("resize", onresize);
			addEventListener("beforeprint", onprint);
			addEventListener("afterprint", onprint);
		},
		settle() {
			// back on the wall: at the filter that was looked at
			actives.set(summary.name, from.index);
			move(active());
			return filters.length > 0;
		},
		leave() {
			removeEventListener("scroll", onscroll);
			removeEventListener("resize", onresize);
			removeEventListener("beforeprint", onprint);
			removeEventListener("afterprint", onprint);
			cancelAnimationFrame(frame);
			wall.replaceChildren();
		},
	};
}

// tileOf is a filter on a wall, or wherever it is named.
function tileOf(summary, filter, side) {
	const shot = first(filter);
	const fate = filter.fate && filter.fate !== "alive" ? filter.fate : "";
	const number = written(filter, wanted.order);
	return make(
		"a",
		{
			class: "tile " + fate,
			href: toFilter(summary.name, filter.index),
			"data-index": filter.index,
			tabindex: "-1",
		},
		shot
			? picture(shot.file, shot.text, { width: side, height: side })
			: make("span", { class: "none", style: { height: side + "px" } }),
		make(
			"span",
			{ class: "label" },
			make("b", {}, filter.index),
			fate && make("span", { class: "fate " + fate }, fate),
			number && make("span", { class: "value" }, number),
		),
	);
}
