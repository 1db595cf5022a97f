// Hears of what is done on other screens of the meeting, and shows it here.
import { AS_PAGE, alone, here, isBusy, meeting, read, say } from "./meeting-page.js";
import { controls, isDirty } from "./meeting-typed.js";
import { settle } from "./meeting-fresh.js";

const LOST = "No connection: what you see may be out of date.";
let waiting = "";

async function refresh() {
  try {
    const fresh = await read(await fetch(here(), { headers: AS_PAGE }));
    say("follow-state", "");
    if (fresh.getElementById("meeting")) settle(fresh);
    else over();
  } catch {
    say("follow-state", LOST);
  }
}

function over() {
  if (controls(meeting()).some(isDirty)) say("follow-state", "You are signed out, or have no part in this meeting any more. What you typed stays here.");
  else location.reload();
}

function hear(stamp) {
  if (stamp === meeting().dataset.stamp) return; // the echo of what was done here
  if (isBusy()) waiting = stamp;
  else alone(refresh);
}

export function follow() {
  const source = new EventSource(meeting().dataset.follow);
  source.onmessage = (event) => {
    if (document.getElementById("follow-state")?.textContent === LOST) say("follow-state", "");
    hear(event.data);
  };
  source.addEventListener("over", () => { source.close(); over(); });
  source.onerror = () => say("follow-state", LOST);
  document.addEventListener("meeting:free", () => {
    const heard = waiting;
    waiting = "";
    if (heard) hear(heard);
  });
}
