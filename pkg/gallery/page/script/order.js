// In what order a wall shows its filters, and which of them.

// scores says of each what it is called, what it means, and how its value is written.
const scores = {
	activation: ["activation", "the filter's mean answer to its pattern", short],
	peak: ["peak", "its strongest answer at any place of the pattern", short],
	beaten: ["beats photographs", "the share of photographs to which it answers less than to its pattern", percent],
	robust: [
		"robust",
		"how much of its mean answer is left after the pattern was shifted and blurred a little",
		(value, filter) => {
			const whole = score(filter, "activation");
			return whole > 0 ? percent(value / whole) : short(value);
		},
	],
	highFrequency: [
		"fine grain",
		"the share of the pattern's contrast in waves shorter than four pixels; less is calmer",
		percent,
	],
	totalVariation: ["roughness", "the mean difference between neighbouring pixels; less is smoother", short],
	seconds: ["seconds", "what the pattern took to grow", short],
};

// score is one of a filter's numbers, or null: what is not known, or was not measured (-1 without photographs).
function score(filter, name) {
	const value = filter.score ? filter.score[name] : null;
	return !known(value) || (name === "beaten" && value < 0) ? null : value;
}

// scored names what a filter was scored by, what is best known first.
function scored(filter) {
	const names = Object.keys(filter.score || {});
	const listed = Object.keys(scores).filter((name) => names.includes(name));
	return [...listed, ...names.filter((name) => !scores[name])].filter((name) => score(filter, name) !== null);
}

// orders are those that a layer's data allow, by the words of the menu.
function orders(filters) {
	const found = [["index", "number"]];
	if (new Set(filters.map((filter) => filter.likeness)).size > 1) found.push(["likeness", "likeness"]);
	if (filters.some((filter) => filter.examples && filter.examples.length))
		found.push(["example", "strongest photograph"]);
	if (filters.some((filter) => filter.histogram)) found.push(["fires", "how often it answers"]);
	for (const name of new Set(filters.flatMap(scored))) found.push([name, scores[name] ? scores[name][0] : name]);
	return found;
}

// value is what a filter is sorted by.
function value(filter, order) {
	switch (order) {
		case "index":
		case "likeness":
			return filter[order];
		case "example":
			return filter.examples && filter.examples.length ? filter.examples[0].activation : null;
		case "fires":
			return filter.histogram && known(filter.histogram.fires) ? filter.histogram.fires : null;
	}
	return score(filter, order);
}

// written is that value as the wall shows it below a picture, "" where it says nothing.
function written(filter, order) {
	const v = value(filter, order);
	if (v === null || order === "index" || order === "likeness") return "";
	return order === "fires" ? percent(v) : (scores[order] ? scores[order][2] : short)(v, filter);
}

const wanted = { order: "index", fate: "all" }; // the reader's choice, for all walls

// arranged are the filters of a layer as the wall shows them.
function arranged(filters) {
	const known = orders(filters).some(([name]) => name === wanted.order);
	const order = known ? wanted.order : "index";
	const sign = order === "index" || order === "likeness" ? 1 : -1; // of scores the largest first
	const kept = filters.filter((filter) => wanted.fate === "all" || filter.fate === wanted.fate);
	const key = new Map(kept.map((filter) => [filter, value(filter, order)]));
	return kept.sort((a, b) => {
		const [x, y] = [key.get(a), key.get(b)];
		if (x === null || y === null) return (x === null) - (y === null) || a.index - b.index;
		return sign * (x - y) || a.index - b.index;
	});
}
