// Light and dark: as the system has it, until the reader chooses.

const stored = "convscope-gallery-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
	try {
		return localStorage.getItem(stored);
	} catch {
		return null; // a page in a sandbox has no storage
	}
}

let wish = chosen();

function theme() {
	const dark = wish ? wish === "dark" : system.matches;
	document.documentElement.dataset.theme = dark ? "dark" : "light";
	const button = $("theme");
	if (button) {
		button.setAttribute("aria-pressed", String(dark));
		button.title = dark ? "To light" : "To dark";
	}
}

function toggleTheme() {
	wish = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
	try {
		localStorage.setItem(stored, wish);
	} catch {
		/* then until the page is closed */
	}
	theme();
	say(wish);
}

system.addEventListener("change", theme);
theme();
