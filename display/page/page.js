// The browser's half of a page: it joins the kernel's messages, sends what happens to the controls and shows what the program sets.
// Elements take part by data-name. It is an expression: a function of the panel's element id, the kernel's id and the address.
((panel, kernel, address) => {
	"use strict";
	const uuid = () => "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(Math.random() * 16).toString(16));
	const session = uuid();
	let root, socket, comm = null, seq = 0, over = false, greeted = false, retries = 0, outbox = [];

	const named = (name) => root.querySelector(`[data-name="${CSS.escape(name)}"]`);

	// note shows a line that is the page's own, not the program's.
	const note = (text) => {
		const place = root.querySelector("[data-note]");
		place.textContent = text;
		place.hidden = text === "";
	};

	// Keys in the panel are the panel's. The notebook has shortcuts of its own for arrows, Enter and letters; data-lm-suppress-shortcuts keeps JupyterLab
	// from them, but not Notebook 7. Those with Ctrl or Command, such as save, still reach the notebook.
	const keys = (event) => {
		if (!root.contains(event.target) || event.ctrlKey || event.metaKey) return;
		event.stopImmediatePropagation();
		if (event.target.dataset.search) search(event.target).key(event);
	};

	// How well an option answers to what was typed: all its words in it, as a beginning or anywhere; its letters in this order; or only like it.
	const answers = (option, typed) => {
		const text = option.toLowerCase(), words = typed.toLowerCase().split(/\s+/).filter(Boolean);
		if (words.every((word) => text.includes(word))) return text.startsWith(words[0] ?? "") ? 0 : 1;
		const letters = [...words.join("")];
		let from = 0;
		if (letters.every((letter) => (from = text.indexOf(letter, from) + 1) > 0)) return 2;
		const pairs = (of) => [...of.slice(1)].map((letter, i) => of[i] + letter);
		const known = new Set(pairs(text)), asked = pairs(words.join(""));
		return 4 - asked.filter((pair) => known.has(pair)).length / Math.max(asked.length, 1);
	};

	// A search is a text field with a list below it. Typing lists what answers to it, arrows and Enter or a click take one; in a free field Enter takes what was typed.
	const searches = new Map();
	const search = (input) => {
		if (searches.has(input)) return searches.get(input);
		const list = named(input.dataset.search), free = "free" in input.dataset;
		let shown = [], at = -1, before = input.value;
		const mark = (to) => {
			shown[at]?.removeAttribute("aria-selected");
			at = to;
			shown[at]?.setAttribute("aria-selected", "true");
			shown[at]?.scrollIntoView({block: "nearest"});
		};
		const close = () => {
			list.hidden = true;
			input.setAttribute("aria-expanded", "false");
		};
		const open = (typed) => {
			mark(-1);
			const ranks = new Map([...list.children].map((option) => [option, answers(option.textContent, typed)]));
			shown = [...list.children].sort((a, b) => ranks.get(a) - ranks.get(b));
			const least = shown.length ? ranks.get(shown[0]) : 0, few = 6;
			shown = shown.filter((option, i) => ranks.get(option) <= 1 || least > 1 && i < few && ranks.get(option) < 4);
			for (const option of list.children) option.hidden = !shown.includes(option);
			shown.forEach((option, i) => { option.style.order = i; });
			list.hidden = shown.length === 0;
			input.setAttribute("aria-expanded", String(!list.hidden));
			if (!free && typed && least <= 2 && shown.length) mark(0); // what is only like it waits for a choice
		};
		const all = () => {
			open("");
			mark(shown.findIndex((option) => option.textContent === input.value));
		};
		const take = (option) => {
			close();
			input.value = option.textContent;
			input.select();
			input.dispatchEvent(new Event("change", {bubbles: true}));
		};
		input.addEventListener("focus", () => { before = input.value; input.select(); });
		input.addEventListener("input", () => open(input.value.trim()));
		input.addEventListener("click", () => { if (list.hidden) all(); });
		input.addEventListener("blur", close);
		list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
		list.addEventListener("click", (event) => {
			const option = event.target.closest("li");
			if (option) take(option);
		});
		const key = (event) => {
			const step = {ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8}[event.key];
			if (step) {
				event.preventDefault();
				if (list.hidden) all();
				mark(Math.max(0, Math.min(shown.length - 1, at + step)));
			} else if (event.key === "Enter" && !list.hidden && shown[at]) {
				event.preventDefault();
				take(shown[at]);
			} else if (event.key === "Enter") {
				close();
			} else if (event.key === "Escape") {
				event.preventDefault();
				close();
				input.value = before;
			}
		};
		const made = {key};
		searches.set(input, made);
		return made;
	};

	const end = (text) => {
		if (over) return;
		over = true;
		removeEventListener("keydown", keys, true);
		note(text);
		for (const control of root.querySelectorAll("fieldset")) control.disabled = true;
		if (socket) socket.close();
	};

	// post sends one message of Jupyter's protocol.
	const post = (type, content) => socket.send(JSON.stringify({
		header: {msg_id: uuid(), msg_type: type, username: "", session: session, date: new Date().toISOString(), version: "5.3"},
		msg_id: "", msg_type: type, parent_header: {}, metadata: {}, content: content, channel: "shell", buffers: [],
	}));

	// tell sends something to the program. The kernel may swap messages, so each is numbered.
	const tell = (body) => {
		seq++;
		outbox.push(JSON.stringify({...body, page: session, seq: seq}));
		flush();
	};
	const flush = () => {
		if (!socket || socket.readyState !== WebSocket.OPEN || !comm) return;
		for (const text of outbox.splice(0)) post("comm_msg", {comm_id: comm, data: {address: address, value: text}});
	};

	const greet = () => {
		if (greeted) return;
		greeted = true;
		tell({name: "@hello"});
	};

	// Other cells that wait for this one: "Run all" must come to its end.
	const waiting = () => {
		const own = root.closest(".jp-Cell");
		return [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
			.filter((prompt) => prompt.textContent.includes("*") && prompt.closest(".jp-Cell") !== own).length;
	};

	const setters = {
		text: (element, value) => { element.textContent = value; },
		html: (element, value) => { element.innerHTML = value; },
		value: (element, value) => { if (element.value !== value) element.value = value; },
		disabled: (element, value) => { element.disabled = value !== ""; },
		hidden: (element, value) => { element.hidden = value !== ""; },
		focus: (element) => { element.focus(); },
	};
	const apply = ([name, property, value]) => {
		if (name === "@download") {
			const link = document.createElement("a");
			link.download = property;
			link.href = value;
			link.click();
			return;
		}
		if (name === "@end") return;
		if (name === "@arrived") {
			if (property === sending) arrived(Number(value));
			return;
		}
		const element = named(name);
		if (!element) return;
		if (setters[property]) setters[property](element, value);
		else element.setAttribute(property, value);
	};

	// receive handles what the program says.
	const receive = (text) => {
		const message = JSON.parse(text);
		greet();
		if (message.sets) {
			note("");
			for (const set of message.sets) apply(set);
			if (message.sets.some((set) => set[0] === "@end")) {
				tell({name: "@ack", ack: message.n, waiting: 0});
				setTimeout(() => end(""), 0);
				return;
			}
			tell({name: "@ack", ack: message.n, waiting: waiting()});
		}
	};

	const onMessage = (event) => {
		if (typeof event.data !== "string") return;
		const message = JSON.parse(event.data);
		if (message.msg_type !== "comm_msg" && message.header?.msg_type !== "comm_msg") return;
		const data = message.content?.data ?? {};
		if (typeof data.address !== "string") return;
		if (data.address === "#heartbeat/ping") {
			comm = message.content.comm_id;
			post("comm_msg", {comm_id: comm, data: {address: "#heartbeat/pong", value: true}});
		} else if (data.address === "#comm_open_ack") {
			comm = message.content.comm_id;
		} else if (data.address === address) {
			comm = message.content.comm_id;
			receive(data.value);
		}
		flush();
	};

	const over_text = "This panel works only while its cell runs: run the cell again.";

	// connect joins the kernel's messages beside the notebook's own connection. GoNB's script does not know a base URL, https or a second page.
	const connect = () => {
		const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "null");
		if (!config) return end(over_text);
		const url = new URL(config.wsUrl || config.baseUrl || "/", document.location.href);
		url.protocol = url.protocol.replace("http", "ws");
		url.pathname = url.pathname.replace(/\/?$/, "/") + "api/kernels/" + kernel + "/channels";
		url.searchParams.set("session_id", session);
		if (config.token) url.searchParams.set("token", config.token);
		socket = new WebSocket(url);
		let opened = false;
		socket.onopen = () => {
			opened = true;
			retries = 0;
			if (greeted) tell({name: "@hello"});
			comm ??= globalThis.gonb_comm?._comm_id ?? null; // GoNB's own connection, where it works
			if (comm) greet();
			// Where GoNB's own script can't connect, nobody has opened its channel yet.
			const offer = (times) => {
				if (over || comm || times === 0 || socket.readyState !== WebSocket.OPEN) return;
				post("comm_open", {comm_id: uuid(), target_name: "gonb_comm", kernel_id: kernel, data: {}});
				setTimeout(() => offer(times - 1), 1000);
			};
			setTimeout(() => offer(4), 1500);
			setTimeout(() => { if (!greeted) end(over_text); }, 12000);
		};
		socket.onmessage = onMessage;
		socket.onclose = () => {
			if (over) return;
			if (!opened && retries === 0 && !greeted) return end(over_text);
			if (retries++ > 20) return end("The connection to the kernel is lost. " + over_text);
			note("Connection lost, trying again…");
			setTimeout(connect, 2000);
		};
	};

	// A photo goes to the program at a size that any picture here can use, whatever the file's.
	const readFile = async (input) => {
		const file = input.files[0];
		if (!file) return;
		try {
			const bitmap = await createImageBitmap(file);
			const scale = Math.min(1, 640 / Math.max(bitmap.width, bitmap.height));
			const canvas = document.createElement("canvas");
			canvas.width = Math.max(1, Math.round(bitmap.width * scale));
			canvas.height = Math.max(1, Math.round(bitmap.height * scale));
			canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
			tell({name: input.dataset.name, event: "change", value: canvas.toDataURL("image/jpeg", 0.95), title: file.name});
		} catch {
			tell({name: input.dataset.name, event: "change", value: "", title: file.name});
		}
	};

	// A file that goes as it is goes in pieces: Jupyter's server takes no message above 10 MB. Each waits until the program has the one before it.
	let sending = "", arrived = null;
	const sendFile = async (input) => {
		const file = input.files[0], upload = uuid(), piece = 1 << 20;
		if (!file) return;
		const finish = (size) => tell({name: input.dataset.name, event: "change", value: String(file.size), title: file.name, upload: upload, size: size});
		sending = upload;
		if (file.size > Number(input.dataset.most)) return finish(-1);
		for (let from = 0, tries = 3; from < file.size && tries > 0;) {
			let url;
			try {
				url = await new Promise((done, failed) => {
					const reader = new FileReader();
					reader.onload = () => done(reader.result);
					reader.onerror = failed;
					reader.readAsDataURL(file.slice(from, from + piece));
				});
			} catch {
				break; // the file is gone, or may not be read
			}
			const answer = new Promise((done) => { arrived = (got) => { if (got > from) done(got); }; });
			tell({name: "@piece", upload: upload, from: from, value: url.slice(url.indexOf(",") + 1)});
			const got = await Promise.race([answer, new Promise((done) => setTimeout(() => done(-1), 20000))]);
			if (over || sending !== upload) return; // another file was chosen meanwhile
			if (got < 0) tries--;
			else from = got;
			note(`Sending ${file.name}: ${Math.floor(100 * from / file.size)} %`);
		}
		note("");
		finish(file.size);
	};

	const copy = async (button) => {
		const source = named(button.dataset.copy);
		try {
			await navigator.clipboard.writeText(source.textContent);
		} catch {
			const range = document.createRange();
			range.selectNodeContents(source);
			getSelection().removeAllRanges();
			getSelection().addRange(range);
			document.execCommand("copy");
		}
	};

	const listen = () => {
		const handle = (event) => {
			const element = event.target.closest("[data-name]");
			if (!element || !root.contains(element)) return;
			if (element.type === "file") {
				if (event.type === "change") (element.dataset.most ? sendFile : readFile)(element);
				return;
			}
			const echo = root.querySelector(`[data-echo="${CSS.escape(element.dataset.name)}"]`);
			if (echo) echo.textContent = element.value;
			tell({name: element.dataset.name, event: event.type, value: element.type === "checkbox" ? String(element.checked) : element.value});
		};
		root.addEventListener("input", (event) => { if (event.target.matches("input[data-name], select[data-name]")) handle(event); });
		root.addEventListener("change", (event) => { if (event.target.matches("input[data-name], select[data-name]")) handle(event); });
		root.addEventListener("click", (event) => {
			const button = event.target.closest("button");
			if (button?.dataset.copy) copy(button);
			if (button?.dataset.name) handle(event);
		});
		for (const input of root.querySelectorAll("[data-search]")) search(input);
		addEventListener("keydown", keys, true);
		addEventListener("pagehide", () => { if (!over && greeted) tell({name: "@bye"}); });
		// A cleared output or a closed notebook takes the panel out of the document for good; scrolling takes it out with its whole cell.
		const watch = setInterval(() => {
			if (over) return clearInterval(watch);
			const gone = !root.isConnected && (!root.closest(".jp-Cell") || root.closest(".jp-Notebook"));
			if (gone && greeted) {
				tell({name: "@bye"});
				setTimeout(() => end(""), 500);
			}
		}, 1000);
	};

	// The element may come into the document only after this script ran.
	const begin = (tries) => {
		root = document.getElementById(panel);
		if (!root) {
			if (tries > 0) setTimeout(() => begin(tries - 1), 100);
			return;
		}
		if (root.dataset.begun) return;
		root.dataset.begun = "yes";
		listen();
		connect();
	};
	begin(100);
})
