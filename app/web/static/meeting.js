// Keeps the screens of one meeting alike, and what is typed on them. All of it works without, by buttons and "Refresh".
import { isOwn, meeting } from "./meeting-page.js";
import { countAsTyped } from "./meeting-typed.js";
import { sendForms } from "./meeting-sending.js";
import { follow } from "./meeting-following.js";
import { runClock } from "./meeting-clock.js";
import { dragLines } from "./meeting-agenda.js";

if (meeting()) {
  if (!isOwn()) {
    meeting().dataset.stay = "";
    countAsTyped();
  }
  document.getElementById("maincontent").tabIndex = -1;
  sendForms();
  runClock();
  dragLines();
  follow();
}
