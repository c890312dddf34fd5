// Shows the rows that are of the chosen kind and hold the searched text.
const rows = [...document.querySelectorAll("details.row")];
const buttons = [...document.querySelectorAll(".filters button")];
const search = document.querySelector(".filters input");
const count = document.querySelector("#shown");
let kind = "all";

function show() {
  const wanted = search.value.toLowerCase();
  let shown = 0;
  for (const row of rows) {
    const is = kind === "all" || row.dataset.kinds.split(" ").includes(kind);
    const holds = !wanted || row.textContent.toLowerCase().includes(wanted);
    row.hidden = !(is && holds);
    shown += !row.hidden;
  }
  for (const button of buttons) button.setAttribute("aria-pressed", button.value === kind);
  count.textContent = `${shown} of ${rows.length} rows`;
}

for (const button of buttons) button.addEventListener("click", () => { kind = button.value; show(); });
if (search) { search.addEventListener("input", show); show(); }
