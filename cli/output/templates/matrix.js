const filter = document.querySelector("#filter");
filter.hidden = false;
filter.querySelector("input").addEventListener("input", (event) => {
  const wanted = event.target.value.toLowerCase();
  const table = document.querySelector("table");
  const has = (cell) => cell.textContent.toLowerCase().includes(wanted);
  const heads = [...table.tHead.rows[0].cells].slice(1).map(has);
  const rows = [...table.tBodies[0].rows].map((row) => [row, has(row.cells[0])]);
  const byHead = heads.includes(true);
  const byRow = rows.some(([, found]) => found);
  const columns = heads.map((found) => found || !byHead || byRow);
  for (const [row, found] of rows) {
    row.hidden = !(found || (byHead && !byRow));
  }
  for (const row of [table.tHead.rows[0], ...table.tBodies[0].rows]) {
    columns.forEach((found, at) => { row.cells[at + 1].hidden = !found; });
  }
  for (const link of table.querySelectorAll("td a")) {
    const cell = link.parentElement;
    document.querySelector(link.hash).hidden = cell.hidden || cell.parentElement.hidden;
  }
  document.querySelector("#none").hidden = byHead || byRow;
});
