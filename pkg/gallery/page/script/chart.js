// The histogram of a filter's activation over all places of all photographs.

function chart(filter) {
	const h = filter.histogram;
	if (!h || !h.counts || !h.counts.length || !known(h.from) || !known(h.to) || !(h.to > h.from)) return null;
	const [width, height, floor, top] = [560, 182, 160, 34];
	const peak = score(filter, "peak") ?? score(filter, "activation");
	const last = peak !== null && peak > h.to ? h.from + (peak - h.from) * 1.06 : h.to;
	const x = (v) => (width * (v - h.from)) / (last - h.from);
	const most = Math.log1p(Math.max(...h.counts));
	const y = (n) => (most > 0 ? ((floor - top) * Math.log1p(n)) / most : 0);
	const bin = (h.to - h.from) / h.counts.length;
	const bars = h.counts.map((n, i) => {
		if (!n) return "";
		const [left, right] = [x(h.from + i * bin), x(h.from + (i + 1) * bin)];
		const [top, end] = [floor - Math.max(y(n), 1), right - (right - left > 4 ? 1 : 0)];
		return `M${left.toFixed(1)} ${floor}V${top.toFixed(1)}H${end.toFixed(1)}V${floor}Z`;
	});
	const side = (v) => (x(v) > width * 0.75 ? "end" : x(v) < width * 0.25 ? "start" : "middle");
	const tick = (v) =>
		draw("text", { x: x(v), y: floor + 18, "text-anchor": v === h.from ? "start" : side(v) }, short(v));
	const inside = peak !== null && peak >= h.from && peak <= last;
	const best = filter.examples && filter.examples.length ? filter.examples[0].activation : h.to; // h.to is a bin's end
	const far =
		inside && best > 0 && peak > best ? `, ${short(peak / best)} times its strongest answer to a photograph` : "";
	const words =
		"How often the filter answers how strongly, at all places of all photographs: " +
		`from ${short(h.from)} to ${short(h.to)}` +
		(inside ? `; its pattern reaches ${short(peak)}${far}` : "") +
		".";
	return make(
		"figure",
		{ class: "chart" },
		draw(
			"svg",
			{ viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": words },
			draw("path", { class: "bars", d: bars.join("") }),
			draw("path", { class: "axis", d: `M0 ${floor + 0.5}H${width}` }),
			h.from < 0 && draw("path", { class: "zero", d: `M${x(0)} ${top}V${floor}` }),
			tick(h.from),
			(last - h.to) / (last - h.from) > 0.12 || !inside ? tick(h.to) : null,
			inside && draw("path", { class: "mark", d: `M${x(peak).toFixed(1)} ${top - 8}V${floor}` }),
			inside &&
				draw(
					"text",
					{ class: "marked", x: x(peak), y: top - 14, "text-anchor": side(peak) },
					"the pattern: " + short(peak),
				),
		),
		make(
			"figcaption",
			{},
			known(h.fires) && `It answers somewhere in ${percent(h.fires)} of the photographs. `,
			inside && far && `Its pattern excites it to ${short(peak)}${far}. `,
			make("span", { class: "aside" }, "Across: activation. Up: at how many places, on a logarithmic scale."),
		),
	);
}
