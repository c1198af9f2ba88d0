// The network drawn beside its list, as version control draws branches: an output that is still needed has a lane.

// joined leaves out the layers that only lie between: what takes them takes what they take. Joins stay.
function joined(all, keep) {
	const through = new Map(); // what stands for a layer
	const kept = [];
	for (const layer of all) {
		const takes = [...new Set((layer.takes || []).flatMap((name) => through.get(name) || []))];
		if (keep(layer) || takes.length > 1) {
			kept.push({ layer, takes });
			through.set(layer.name, [layer.name]);
		} else through.set(layer.name, takes);
	}
	return kept;
}

// lanes gives each row its lane and the lines of its piece of the drawing: [from lane above, to lane below], null for
// the row's own point.
function lanes(rows) {
	const wanted = new Map(); // how many rows still take an output
	for (const row of rows) for (const name of row.takes) wanted.set(name, (wanted.get(name) || 0) + 1);
	const open = []; // by lane: the layer whose output runs in it
	let width = 1;
	for (const row of rows) {
		const before = open.slice();
		const into = row.takes.map((name) => open.indexOf(name)).filter((lane) => lane >= 0);
		for (const name of row.takes) {
			const left = wanted.get(name) - 1;
			wanted.set(name, left);
			if (left === 0 && open.includes(name)) open[open.indexOf(name)] = null;
		}
		const free = into.filter((lane) => !open[lane]).sort((a, b) => a - b);
		row.lane = free.length ? free[0] : open.findIndex((name) => !name);
		if (row.lane < 0) row.lane = open.length;
		row.lines = into.map((lane) => [lane, null]);
		before.forEach((name, lane) => {
			if (name && open[lane] === name) row.lines.push([lane, lane]);
		});
		open[row.lane] = wanted.get(row.layer.name) > 0 ? row.layer.name : null;
		if (open[row.lane]) row.lines.push([null, row.lane]);
		while (open.length && !open[open.length - 1]) open.pop();
		width = Math.max(width, open.length, row.lane + 1);
	}
	return width;
}

// track draws a row's piece: as wide as the lanes, as high as the row.
function track(row, width, step) {
	const x = (lane) => step * (lane + 0.5);
	const middle = x(row.lane);
	const paths = row.lines.map(([from, to]) => {
		if (from !== null && to !== null) return `M${x(from)} 0V100`;
		if (from === null) return `M${middle} 50V100`;
		return from === row.lane ? `M${middle} 0V50` : `M${x(from)} 0C${x(from)} 40 ${middle} 10 ${middle} 50`;
	});
	return make(
		"span",
		{ class: "track", "aria-hidden": "true", style: { width: step * width + "px" } },
		draw(
			"svg",
			{ viewBox: `0 0 ${step * width} 100`, preserveAspectRatio: "none", width: step * width },
			draw("path", { d: paths.join(""), "vector-effect": "non-scaling-stroke" }),
		),
		make("i", { style: { left: middle + "px" } }),
	);
}
