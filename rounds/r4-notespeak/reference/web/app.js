const element = (id) => document.getElementById(id);
const form = element("form");
const notes = element("notes");
const results = element("results");
const shown = 20;
const typingPause = 120; // milliseconds

async function call(path, options) {
  const response = await fetch(path, options);
  const answer = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function noteItem(note) {
  const item = element("note-template").content.cloneNode(true).firstElementChild;
  item.dataset.id = note.id;
  item.querySelector("h2").textContent = note.title;
  item.querySelector("p").textContent = note.body;
  item.querySelector("button").addEventListener("click", () => remove(note.id));
  return item;
}

function resultItem(result) {
  const item = element("result-template").content.cloneNode(true).firstElementChild;
  // The API vouches for these two: escaped text with <mark> as the only tag.
  item.querySelector("h2").innerHTML = result.title_html;
  item.querySelector("p").innerHTML = result.snippet;
  return item;
}

function showError(error) {
  element("error").textContent = error ? error.message : "";
  element("error").hidden = !error;
}

async function refresh() {
  const page = await call(`/api/notes?limit=${shown}`);
  notes.replaceChildren(...page.notes.map(noteItem));
}

async function save(event) {
  event.preventDefault();
  try {
    await call("/api/notes", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    form.reset();
    showError(null);
    await Promise.all([refresh(), search()]);
  } catch (error) {
    showError(error);
  }
}

async function remove(id) {
  try {
    await call(`/api/notes/${id}`, { method: "DELETE" });
  } catch (error) {
    showError(error);
  }
  await Promise.all([refresh(), search()]).catch(showError);
}

let newest = new AbortController();

// Each search cancels the one before it, so an old answer cannot replace a newer one.
async function search() {
  newest.abort();
  const { signal } = (newest = new AbortController());
  const words = element("search").value.trim();
  try {
    const found = words
      ? await call(`/api/search?q=${encodeURIComponent(words)}`, { signal })
      : { results: [] };
    if (!signal.aborted) results.replaceChildren(...found.results.map(resultItem));
  } catch (error) {
    if (!signal.aborted) showError(error);
  }
}

let pause;
element("search").addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, typingPause);
});
form.addEventListener("submit", save);
refresh().catch(showError);
