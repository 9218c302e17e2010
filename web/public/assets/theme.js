// Runs before the first paint, so that a dark reading room never sees a white flash.
(function () {
  try {
    var theme = localStorage.getItem("salus.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (error) {
    // Storage may be forbidden; the page then follows the system.
  }
})();
