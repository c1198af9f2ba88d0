// The film: a strip of square frames, moved behind a window of one frame.

function filmOf(filter, title) {
	if (!filter.film) return null;
	const frame = make("div", {
		class: "frame",
		role: "img",
		"aria-label": `How the pattern of ${title} grew out of noise`,
	});
	const play = make("button", { type: "button", class: "plain" }, "Play");
	const at = make("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": "Frame of the film" });
	const box = make("figure", { class: "film", hidden: true }, frame, make("figcaption", {}, play, at));
	let frames = 1,
		timer = 0;
	const show = (i) => {
		at.value = i;
		at.setAttribute("aria-valuetext", `frame ${i + 1} of ${frames}`);
		frame.style.backgroundPosition = frames > 1 ? (100 * i) / (frames - 1) + "% 0" : "0 0";
	};
	const stop = () => {
		clearTimeout(timer);
		timer = 0;
		play.textContent = "Play";
	};
	const next = () => {
		const i = Number(at.value) + 1;
		if (i >= frames || !box.isConnected) return stop();
		show(i);
		timer = setTimeout(next, 110);
	};
	const begin = () => {
		if (Number(at.value) >= frames - 1) show(0);
		play.textContent = "Pause";
		timer = setTimeout(next, 110);
	};
	play.addEventListener("click", () => (timer ? stop() : begin()));
	at.addEventListener("input", () => {
		stop();
		show(Number(at.value));
	});
	const strip = new Image();
	strip.onload = () => {
		// the strip says how many frames there are
		frames = Math.max(1, Math.round(strip.naturalWidth / strip.naturalHeight));
		if (frames < 2) return;
		at.max = frames - 1;
		frame.style.backgroundImage = `url("${address(filter.film)}")`;
		frame.style.backgroundSize = 100 * frames + "% 100%";
		show(frames - 1);
		box.hidden = false;
		if (!calm()) begin();
	};
	strip.src = address(filter.film);
	return box;
}
