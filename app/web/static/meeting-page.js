// What every script of a meeting's page goes by: its parts, what it says, and that one thing is done after another.
export const AS_PAGE = { accept: "text/html" };
export const meeting = () => document.getElementById("meeting");
export const scribe = () => document.getElementById("scribe");
export const isOwn = () => location.pathname.startsWith("/meetings/"); // else it is filled in again after signing in anew
export const here = () => (isOwn() ? location.href : document.getElementById("refresh").href);
export const read = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");

export function say(where, text) {
  const place = document.getElementById(where);
  if (place && place.textContent !== text) place.textContent = text;
}

let busy = false;
export const isBusy = () => busy;

// Does what must not cross with anything else; whoever waited hears `meeting:free`.
export async function alone(work) {
  busy = true;
  try {
    return await work();
  } finally {
    busy = false;
    document.dispatchEvent(new Event("meeting:free"));
  }
}
