// Returns what has too little contrast with its background: texts below 4.5, lines below 3.
const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
function parsed(colour) {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}
const over = (top, below) => {
  const a = top[3];
  return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(1);
};
function background(element) {
  const layers = [];
  for (let e = element; e; e = e.parentElement) layers.push(parsed(getComputedStyle(e).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), parsed("Canvas"));
}
function luminance([r, g, b]) {
  const [x, y, z] = [r, g, b].map((v) => {
    v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}
function contrast(colour, element) {
  const below = background(element);
  const [a, b] = [luminance(over(colour, below)), luminance(below)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}
const bad = [];
let looked = 0;
function check(element, colour, least) {
  const found = contrast(parsed(colour), element);
  looked += 1;
  if (found < least) bad.push(`${element.tagName}.${element.getAttribute("class")}: ${colour}, ${found.toFixed(2)}`);
}
for (const element of document.querySelectorAll("body *")) {
  if (["SCRIPT", "STYLE", "OPTION"].includes(element.tagName) || !element.getClientRects().length) continue;
  const style = getComputedStyle(element);
  if (element.tagName === "path") {
    if (element.getAttribute("class") === "grid") continue; // says nothing
    const [r, g, b, a] = parsed(style.stroke);
    check(element, `rgba(${r}, ${g}, ${b}, ${a * style.strokeOpacity})`, 3);
  } else if (element.tagName === "text") {
    check(element, style.fill, 4.5);
  } else if (["INPUT", "SELECT"].includes(element.tagName)) {
    check(element, style.color, 4.5);
    check(element, style.borderTopColor, 3);
    if (element.placeholder) check(element, getComputedStyle(element, "::placeholder").color, 4.5);
  } else if ([...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) {
    check(element, style.color, 4.5);
  }
}
return [looked, [...new Set(bad)]];
