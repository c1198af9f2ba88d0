// What makes the pattern again, to be copied.

function again(filter) {
	const parts = [
		["On the command line", filter.command],
		["In a notebook", filter.cell],
	].filter(([, text]) => text);
	return (
		parts.length > 0 &&
		make(
			"section",
			{ class: "again" },
			make("h2", {}, "Make it again"),
			parts.map(([title, text]) =>
				make(
					"div",
					{ class: "code" },
					make(
						"div",
						{ class: "row" },
						make("h3", {}, title),
						make(
							"button",
							{ type: "button", class: "plain", onclick: (event) => copy(text, event.currentTarget) },
							"Copy",
						),
					),
					make("pre", { tabindex: "0", role: "region", "aria-label": title }, make("code", {}, text)),
				),
			),
		)
	);
}

// copy puts a text on the clipboard; where that is not allowed it selects the text, ready for Ctrl+C.
async function copy(text, button) {
	let done = "Copied";
	try {
		await navigator.clipboard.writeText(text);
	} catch {
		getSelection().selectAllChildren(button.closest(".code").querySelector("code"));
		done = document.execCommand("copy") ? "Copied" : "Selected";
	}
	button.textContent = done;
	say(done);
	setTimeout(() => {
		button.textContent = "Copy";
	}, 1500);
}
