// Start: tables follow the filters; plots wait until they come near the screen.
document.documentElement.classList.add("on");
buildFilters();
const results = makeTable({ holder: byId("results-table"), noun: "result", columns: RESULT_COLUMNS, detail: resultDetail, sort: { title: "Verdict", down: false } });
const findings = makeTable({ holder: byId("findings-table"), noun: "finding", columns: FINDING_COLUMNS, detail: findingDetail, sort: { title: "Level", down: false } });
for (const [rule, level, times] of RAW.left_out.slice(0, 20)) {
  byId("left-out").append(el("p", { class: "hint" }, `not in this page: ${counted(times, `${LEVELS[level]} finding`)} of ${S[rule]}`));
}

let peersWanted = false, peersSeen = false, shownResults = RESULTS;
function peersNow() {
  if (peersWanted && peersSeen) drawPeers(shownResults);
  peersWanted = false;
}
listeners.push(() => {
  shownResults = RESULTS.filter((row) => matches(row));
  const shownFindings = FINDINGS.filter((row) => matches(row));
  results.set([...shownResults]);
  findings.set(shownFindings);
  controls.told.textContent = `${shownResults.length} of ${counted(RESULTS.length, "result")}, ${shownFindings.length} of ${counted(FINDINGS.length, "finding")}`;
  peersWanted = true;
  if (peersSeen) peersNow();
});
new IntersectionObserver((seen, watcher) => {
  if (!seen.some((one) => one.isIntersecting)) return;
  watcher.disconnect();
  peersSeen = true;
  peersNow();
}, { rootMargin: "400px" }).observe(byId("peers"));
addEventListener("beforeprint", () => { peersSeen = true; peersNow(); });

offer();
fromAddress(false);
if (!location.hash.includes("?")) for (const listen of listeners) listen();
else if (location.hash.indexOf("?") > 1) byId(location.hash.slice(1).split("?")[0])?.scrollIntoView();
