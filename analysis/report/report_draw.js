// Draws all figures, and again where theme, width or medium change.

// Cards carry their line's colour.
const mark = (element) => {
  const series = data.groups[element.dataset.group].series[element.dataset.series];
  element.style.setProperty('--mark', theme().lines[styleOf(series.architecture)]);
};

document.querySelectorAll('.panel.training').forEach(fillChoices);
const drawers = { threshold: drawThresholds, forest: drawForest, map: drawMap, profile: drawProfile, curves: drawCurves, costs: drawCosts };
const figures = Object.entries(drawers).flatMap(([kind, drawer]) => [...document.querySelectorAll(`figure.${kind}`)].map((element) => [drawer, element]));
const draw = () => {
  document.documentElement.dataset.figures = 'drawing';  // so that a program that takes pictures knows when
  document.querySelectorAll('.card').forEach(mark);
  return Promise.all(figures.map(([drawer, element]) => drawer(element))).then(() => { document.documentElement.dataset.figures = 'drawn'; });
};
draw();
dark.addEventListener('change', draw);
let width = window.innerWidth;
window.addEventListener('resize', () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  draw();
});
window.addEventListener('beforeprint', () => { printing = true; draw(); });
window.addEventListener('afterprint', () => { printing = false; draw(); });
