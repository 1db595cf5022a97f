// What htmx does not do for a filter. The browser's storage keeps nothing, not even where htmx was loaded; the address
// says what is filtered; and where an answer is not what was asked for, as when the session has ended, the browser goes
// there instead.
sessionStorage.removeItem("htmx-current-path-for-history");
document.addEventListener("htmx:beforeSwap", (event) => {
  const { isError, pathInfo, serverResponse } = event.detail;
  if (!isError && serverResponse.includes('id="shown"')) {
    history.replaceState(null, "", pathInfo.finalRequestPath);
    return;
  }
  event.detail.shouldSwap = event.detail.isError = false;
  location.assign(pathInfo.finalRequestPath);
});
document.addEventListener("htmx:sendError", () => {
  document.getElementById("count").textContent = "No connection: what you see is as it was.";
});
