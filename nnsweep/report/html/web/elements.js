// Creates elements, and copies to the clipboard.

const SVG = "http://www.w3.org/2000/svg";

function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function factList(pairs) {
  const rows = pairs.map(([name, text]) => element("div", {}, element("dt", {}, name), element("dd", {}, text)));
  return element("dl", { class: "facts" }, ...rows);
}

// A button that copies a text, and says so for a moment.
function copyButton(text, beside) {
  const button = element("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    button.textContent = (await copied(text, beside)) ? "Copied" : "Select it";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}

// Browsers may refuse the clipboard to a page opened from a file: then the text is selected for the user to copy.
async function copied(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(beside);
    return document.execCommand("copy");
  }
}
