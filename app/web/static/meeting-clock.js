// How long somebody is discussed already, against the minutes that they were given.
const clocks = () => document.querySelectorAll("[role=timer]");

function tick() {
  for (const clock of clocks()) {
    clock.since ??= performance.now();
    const seconds = Number(clock.dataset.seconds) + Math.floor((performance.now() - clock.since) / 1000);
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} of ${clock.dataset.minutes} minutes`;
    clock.classList.toggle("pisano-timer--over", seconds >= clock.dataset.minutes * 60);
  }
}

export function runClock() {
  setInterval(tick, 1000);
  document.addEventListener("meeting:changed", () => {
    for (const clock of clocks()) clock.since = performance.now();
    tick();
  });
  tick();
}
