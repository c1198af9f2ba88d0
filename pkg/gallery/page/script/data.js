// Data come as scripts that call convscopeGallery: a page from the disk may not fetch.

let network = { title: "", layers: [] };
const layers = new Map(); // summaries by name
const loaded = new Map(); // layers' data by name: the last few, so that memory stays flat
const most = 4;
const waiting = new Map(); // by name: what to do with the data that come

window.convscopeGallery = {
	network(data) {
		network = data;
		network.layers.forEach((layer, at) => layers.set(layer.name, Object.assign(layer, { at })));
		start();
	},
	layer(data) {
		const wait = waiting.get(data.name);
		if (wait) wait(data);
	},
	missing() {
		$("main").replaceChildren(
			make("h1", {}, "Nothing here yet"),
			make(
				"p",
				{},
				"The file data/network.js is missing beside this page. ",
				make("code", {}, "convscope gallery merge"),
				" makes it.",
			),
		);
	},
};

// load brings a layer's data: an object with its filters, also by their index.
async function load(summary) {
	const name = summary.name;
	let data = loaded.get(name);
	if (data === undefined) data = fetchLayer(summary);
	loaded.delete(name);
	loaded.set(name, data); // the youngest is the last
	while (loaded.size > most) loaded.delete(loaded.keys().next().value);
	try {
		return await data;
	} catch (error) {
		loaded.delete(name);
		throw error;
	}
}

function fetchLayer(summary) {
	return new Promise((resolve, reject) => {
		const file = "data/" + summary.file + ".js";
		const done = (end) => (value) => {
			waiting.delete(summary.name);
			tag.remove();
			end(value);
		};
		const tag = make("script", { src: address(file) });
		const fail = done(reject);
		waiting.set(
			summary.name,
			done((data) => {
				data.by = new Map(data.filters.map((filter) => [filter.index, filter]));
				resolve(data);
			}),
		);
		tag.onerror = () => fail(new Error(`The file ${file} is missing beside this page.`));
		tag.onload = () => {
			if (waiting.has(summary.name)) fail(new Error(`The file ${file} holds another layer.`));
		};
		document.head.append(tag);
	});
}

// first is the pattern of a filter that stands for it, or null.
const first = (filter) => (filter && filter.pictures && filter.pictures[0]) || null;
