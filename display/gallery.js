// Opens a gallery from a notebook that Jupyter serves. Its files/ keeps a page's own scripts from what lies beside it,
// so the page is made here, and takes its script and data from there by whole addresses. It is an expression, a
// function of the container's id.
(function (id) {
	"use strict";
	function begin(tries) {
		var root = document.getElementById(id);
		if (!root) {
			if (tries > 0) setTimeout(function () { begin(tries - 1); }, 100);
			return;
		}
		root.addEventListener("click", function (event) {
			var link = event.target.closest("a");
			// Jupyter has made the link one of its files by now; elsewhere, it leads to the folder as it is.
			if (!link || location.protocol === "file:" || !link.href.startsWith(location.origin)) return;
			if (!/\/files\//.test(link.href)) return;
			event.preventDefault();
			event.stopPropagation();
			var folder = new URL(".", link.href).href, line = root.querySelector("[data-line]"), tab = open("");
			fetch(link.href).then(function (response) {
				if (!response.ok) throw new Error("Jupyter serves no such file: " + new URL(link.href).pathname);
				return response.text();
			}).then(function (text) {
				var page = text.replace(/(src|href)="(?![a-z]+:|#|")([^"]*)/g, function (all, name, file) {
					return name + "=\"" + folder + file + new URL(link.href).search; // Jupyter wants its mark on each request
				});
				tab.location = URL.createObjectURL(new Blob([page], { type: "text/html" }));
				line.textContent = "";
			}).catch(function (error) {
				if (tab) tab.close();
				line.textContent = error.message;
			});
		}, true);
	}
	begin(50);
})
