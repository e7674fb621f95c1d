/** Tabs, with arrow keys to move between them. `onChoose` gets the name in "tab-NAME". Returns how to show a tab. */
export function tabs(list, onChoose) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const nameOf = (tab) => tab.id.slice("tab-".length);
  list.addEventListener("click", ({ target }) => all.includes(target) && onChoose(nameOf(target)));
  list.addEventListener("keydown", (event) => {
    const shown = all.filter((tab) => !tab.hidden);
    const at = shown.indexOf(event.target);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: shown.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    const tab = shown[(to + shown.length) % shown.length];
    tab.focus();
    onChoose(nameOf(tab));
    event.preventDefault();
  });
  return (name) => {
    for (const tab of all) {
      const chosen = nameOf(tab) === name;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
    }
  };
}
