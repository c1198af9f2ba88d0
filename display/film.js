// Plays a film: frames are data URLs, lines what to say of each. It is an expression, a function of the container's id, the frames and the lines.
(function (id, frames, lines) {
	"use strict";
	function begin(tries) {
		var root = document.getElementById(id);
		if (!root) {
			if (tries > 0) setTimeout(function () { begin(tries - 1); }, 100);
			return;
		}
		if (root.dataset.begun) return;
		root.dataset.begun = "yes";
		var image = root.querySelector("img"), at = root.querySelector("[data-at]"), play = root.querySelector("[data-play]");
		var speed = root.querySelector("[data-speed]"), line = root.querySelector("[data-line]"), timer = null;
		root.querySelector("[data-bar]").hidden = false;
		function show(i) {
			at.value = i;
			at.setAttribute("aria-valuetext", lines[i]);
			image.src = frames[i];
			line.textContent = lines[i];
		}
		function stop() {
			clearTimeout(timer);
			timer = null;
			play.textContent = "Play";
		}
		function next() {
			var i = Number(at.value) + 1;
			if (i >= frames.length || !root.isConnected) return stop();
			show(i);
			timer = setTimeout(next, 125 / Number(speed.value));
		}
		play.addEventListener("click", function () {
			if (timer !== null) return stop();
			if (Number(at.value) >= frames.length - 1) show(0);
			play.textContent = "Pause";
			timer = setTimeout(next, 125 / Number(speed.value));
		});
		at.addEventListener("input", function () {
			stop();
			show(Number(at.value));
		});
		// Notebook 7 takes arrow keys for itself, before the document sees them.
		addEventListener("keydown", function (event) {
			if (root.contains(event.target) && !event.ctrlKey && !event.metaKey) event.stopImmediatePropagation();
		}, true);
	}
	begin(50);
})
