// What a page does beyond answering links and forms. All of it works without.
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
const { initAll } = await import(document.body.dataset.designSystem);
initAll();

// A word that is explained at the foot of the page, where that is folded.
addEventListener("hashchange", () => {
  const word = document.getElementById(location.hash.slice(1)), folded = word?.closest("details:not([open])");
  if (!folded) return;
  folded.open = true;
  word.focus();
});

// What words mean goes onto paper with the page, whether or not it is unfolded on the screen.
let unfolded;
addEventListener("beforeprint", () => {
  const words = document.getElementById("words-here");
  unfolded = words && !words.open ? words : null;
  if (unfolded) unfolded.open = true;
});
addEventListener("afterprint", () => {
  if (unfolded) unfolded.open = false;
});

// A session that nobody uses ends; whoever is typing is told in time, may stay, and loses nothing if they do not.
const warning = document.getElementById("session-warning");
if (warning) {
  const warnSeconds = 120;
  const text = document.getElementById("session-text");
  const stay = document.getElementById("session-stay");
  let ends = Date.now() + Number(document.body.dataset.sessionSeconds) * 1000;
  let timer;

  const told = async (path) => {
    const answer = await fetch(path, { headers: { accept: "application/json" } }).catch(() => null);
    return answer === null ? {} : answer.ok ? await answer.json() : { seconds: 0 };
  };
  const left = () => Math.ceil((ends - Date.now()) / 1000);
  const later = (seconds, what) => {
    clearTimeout(timer);
    timer = setTimeout(what, Math.max(seconds, 1) * 1000);
  };
  const isTyped = (field) =>
    field.type !== "hidden" &&
    (field.type === "radio" || field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.options
        ? [...field.options].some((option) => option.selected !== option.defaultSelected && option.value !== "")
        : "defaultValue" in field && field.value !== field.defaultValue);
  const typing = () =>
    [...document.forms].some((form) => form.method === "post" && [...form.elements].some(isTyped));

  // other pages of the same browser may have used the session: only the server knows when it ends
  const look = async () => {
    const { seconds } = await told("/session/remaining");
    if (seconds === undefined) return later(15, look);
    ends = Date.now() + seconds * 1000;
    if (seconds <= 0) return over();
    if (seconds > warnSeconds) {
      if (warning.open) warning.close();
      return later(seconds - warnSeconds, look);
    }
    const minutes = Math.ceil(seconds / 60);
    text.textContent =
      `Nothing was done here for a while. In ${minutes > 1 ? `${minutes} minutes` : "less than a minute"} you are` +
      " signed out, so that nobody else can look at records here. What you typed is kept for you.";
    if (!warning.open) warning.showModal();
    later(Math.min(30, seconds + 1), look);
  };
  const over = () => {
    if (!typing()) {
      location.assign(`/sign-in?then=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    document.getElementById("session-title").textContent = "You are signed out";
    text.textContent = "What you typed is still here. Send it as usual: you sign in first, and it is all there again.";
    stay.textContent = "Back to what I typed";
    stay.onclick = () => warning.close();
    if (!warning.open) warning.showModal();
  };
  stay.onclick = async () => {
    await told("/session");
    warning.close();
    await look();
  };
  warning.addEventListener("cancel", (event) => event.preventDefault());
  later(left() - warnSeconds, look);
}
