// Hears of what is done on other screens of the meeting, and shows it here; and says when it hears nothing any more.
import { AS_PAGE, alone, here, isBusy, meeting, read, say } from "./meeting-page.js";
import { controls, isDirty } from "./meeting-typed.js";
import { settle } from "./meeting-fresh.js";

const LOST = "No connection: what you see may be out of date.";
const SILENT = 40000, LOOK = 5000; // milliseconds: the service says each quarter of a minute that it is here
let waiting = "", source = null, heard = 0;

async function refresh() {
  try {
    const fresh = await read(await fetch(here(), { headers: AS_PAGE }));
    say("follow-state", "");
    if (fresh.getElementById("meeting")) settle(fresh);
    else over();
  } catch {
    lost();
  }
}

function over() {
  if (controls(meeting()).some(isDirty)) say("follow-state", "You are signed out, or have no part in this meeting any more. What you typed stays here.");
  else location.reload();
}

const lost = () => say("follow-state", LOST);

function alive() {
  heard = Date.now();
  if (document.getElementById("follow-state")?.textContent === LOST) say("follow-state", "");
}

function hear(stamp) {
  if (stamp === meeting().dataset.stamp) return; // the echo of what was done here
  if (isBusy()) waiting = stamp;
  else alone(refresh);
}

function listen() {
  source?.close();
  heard = Date.now();
  source = new EventSource(meeting().dataset.follow);
  source.onmessage = (event) => { alive(); hear(event.data); };
  source.addEventListener("here", alive);
  source.addEventListener("over", () => { source.close(); source = null; over(); });
  source.onerror = lost;
}

// A connection that is gone may say nothing of it for minutes, while the clock on the wall goes on.
function listenAnew() {
  if (!source) return;
  lost();
  listen();
}

export function follow() {
  listen();
  setInterval(() => { if (Date.now() - heard > SILENT) listenAnew(); }, LOOK);
  addEventListener("offline", lost);
  addEventListener("online", listenAnew);
  document.addEventListener("meeting:free", () => {
    const stamp = waiting;
    waiting = "";
    if (stamp) hear(stamp);
  });
}
