// Figures of the training itself, where the input is a run: learning curves, seconds against FLOPs.

const withPrefix = (value, unit) => {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z'];
  const power = Math.max(0, Math.min(prefixes.length - 1, Math.floor(Math.log10(value) / 3 + 1e-9)));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${prefixes[power]}${unit}`;
};

// --- Learning curves of one architecture and length: a column a width near the threshold, accuracy above loss.
// The options of a panel's two choices; first the baseline at the longest length.
function fillChoices(panel) {
  const group = data.groups[panel.dataset.group];
  const [which, length] = panel.querySelectorAll('select');
  const option = (value, text) => Object.assign(document.createElement('option'), { value, textContent: text });
  group.series.forEach((series, i) => { if (series.curves.length) which.append(option(i, series.architecture)); });
  const lengths = () => {
    const before = length.value;
    const values = group.series[which.value].curves.map((column) => column.length);
    length.replaceChildren(...values.map((value) => option(value, value)));
    length.value = values.map(String).includes(before) ? before : String(values[values.length - 1]);
  };
  lengths();
  const figure = panel.querySelector('.curves');
  which.addEventListener('change', () => { lengths(); drawCurves(figure); });
  length.addEventListener('change', () => drawCurves(figure));
}

function drawCurves(element) {
  const panel = element.parentElement;
  const group = data.groups[panel.dataset.group];
  const [which, chosen] = panel.querySelectorAll('select');
  const series = group.series[which.value];
  const column = series.curves.find((one) => String(one.length) === chosen.value);
  const colours = theme();
  const size = sizeOf(element);
  // The narrow page shows the two widths in the middle: the threshold lies between or near them.
  const all = column.cells;
  const most = size.width < 560 ? 2 : 4;
  const first = Math.max(0, (all.length - most) >> 1);
  const cells = all.slice(first, first + most);
  const colour = colours.lines[styleOf(series.architecture)];
  const threshold = series.thresholds.find((point) => point.length === column.length);
  const traces = [];
  const gap = cells.length > 2 ? .04 : .1;
  const span = (1 + gap) / cells.length;
  const layout = {
    ...layoutFor(colours, size, 'Learning curves', ofGroup(group, `${label(series.architecture, 24)}, L = ${column.length}` +
      (threshold && threshold.width !== null ? `, threshold D = ${number(threshold.width)}` : ''), size)),
    margin: { l: 62, r: 22, t: 92, b: 52 }, hovermode: 'closest', showlegend: false, annotations: [], shapes: [],
  };
  const runs = cells.flatMap((cell) => cell.runs);
  const steps = Math.max(1, ...runs.flatMap((run) => run.step));
  const losses = runs.flatMap((run) => [...run.loss_train, ...run.loss_validation]).filter((loss) => loss !== null && loss > 0);
  const [least, greatest] = losses.length ? [Math.min(...losses), Math.max(...losses)] : [.1, 1];
  const lossRange = [Math.log10(least) - .1, Math.log10(greatest) + .1];
  cells.forEach((cell, i) => {
    const suffix = (k) => (k === 0 ? '' : String(k + 1));
    const [xName, above, below] = ['x' + suffix(i), 'y' + suffix(2 * i), 'y' + suffix(2 * i + 1)];
    const domain = [i * span, i * span + span - gap];
    layout['xaxis' + suffix(i)] = { ...axisLook(colours, 'step'), domain, anchor: below, range: [0, steps * 1.02],
      nticks: 4, tickformat: '~s' };
    const bare = i > 0 ? { showticklabels: false, title: { text: '' } } : {};
    layout['yaxis' + suffix(2 * i)] = { ...axisLook(colours, 'accuracy'), domain: [.54, 1], anchor: xName, range: [-.04, 1.04], tickvals: [0, .5, 1],
      ticktext: ['0 %', '50 %', '100 %'], ...bare };
    layout['yaxis' + suffix(2 * i + 1)] = { ...axisLook(colours, 'loss (nat)'), domain: [0, .46], anchor: xName, type: 'log', range: lossRange, dtick: 1,
      exponentformat: 'power', ...bare };
    layout.annotations.push({ text: `<b>D = ${cell.hidden}</b>`, xref: 'paper', yref: 'paper', x: (domain[0] + domain[1]) / 2, y: 1, yanchor: 'bottom',
      yshift: 4, showarrow: false, font: { size: 12, color: colours.ink } });
    layout.shapes.push({ type: 'line', xref: `${xName} domain`, yref: above, x0: 0, x1: 1, y0: data.tau, y1: data.tau,
      line: { color: colours.soft, width: 1, dash: 'dot' } });
    for (const run of [...cell.runs].reverse()) {  // those that count on top
      const name = `<b>D = ${cell.hidden}, seed ${run.seed}, learning rate ${run.learning_rate}</b>${run.counts ? '' : '<br>not the best rate of its seed'}`;
      const look = { type: 'scatter', mode: 'lines', xaxis: xName, hoverinfo: 'text', opacity: run.counts ? 1 : .45 };
      const ink = run.counts ? colour : colours.soft;
      const at = (step, text) => `${name}<br>step ${step}: ${text}`;
      traces.push({ ...look, yaxis: above, x: run.step_validation, y: run.accuracy, line: { color: ink, width: 2 },
        hovertext: run.accuracy.map((one, k) => at(run.step_validation[k], `accuracy ${percent(one)} %`)) });
      traces.push({ ...look, yaxis: below, x: run.step, y: run.loss_train, line: { color: ink, width: 1, dash: 'dot' },
        hovertext: run.loss_train.map((one, k) => at(run.step[k], `training loss ${one}`)) });
      traces.push({ ...look, yaxis: below, x: run.step_validation, y: run.loss_validation, line: { color: ink, width: 1.8 },
        hovertext: run.loss_validation.map((one, k) => at(run.step_validation[k], `validation loss ${one}`)) });
    }
  });
  return Plotly.react(element, traces, layout, config(fileName(groupName(group), series.architecture, `L${column.length}`, 'curves'), 900, 600));
}

// --- Seconds of each trial against its FLOPs: points on one dotted line were trained at one rate.
function drawCosts(element) {
  const colours = theme();
  const size = sizeOf(element);
  const traces = [];
  const named = new Set();
  for (const group of data.groups) {
    for (const series of group.series) {
      const { length, hidden, flops, seconds } = series.costs;
      if (!flops.length) continue;
      const style = styleOf(series.architecture);
      const name = label(series.architecture, 24);
      traces.push({
        type: 'scatter', mode: 'markers', x: flops, y: seconds, name, legendgroup: name, showlegend: !named.has(name), hoverinfo: 'text',
        marker: { symbol: symbols[style], size: 7, color: colours.lines[style], opacity: .65, line: { width: 0 } },
        hovertext: flops.map((one, i) => `<b>${label(groupName(group))}, ${name}</b><br>L ${length[i]}, D ${hidden[i]}<br>${withPrefix(one, 'FLOP')} in ` +
          `${number(seconds[i])} s: ${withPrefix(one / seconds[i], 'FLOP/s')}`),
      });
      named.add(name);
    }
  }
  const x = traces.flatMap((trace) => trace.x);
  const y = traces.flatMap((trace) => trace.y);
  if (!x.length) return null;
  const bounds = (values) => [Math.log10(values.reduce((a, b) => Math.min(a, b))) - .12, Math.log10(values.reduce((a, b) => Math.max(a, b))) + .12];
  const [xs, ys] = [bounds(x), bounds(y)];
  const annotations = [];
  const shapes = [];
  for (let power = Math.ceil(xs[0] - ys[1]); power <= xs[1] - ys[0]; ++power) {
    const from = Math.max(xs[0], ys[0] + power);
    const to = Math.min(xs[1], ys[1] + power);
    if (to - from < .15 * (xs[1] - xs[0])) continue;
    shapes.push({ type: 'line', layer: 'below', x0: 10 ** from, x1: 10 ** to, y0: 10 ** (from - power), y1: 10 ** (to - power),
      line: { color: colours.soft, width: 1, dash: 'dot' } });
    const top = to - power > ys[1] - 1e-9;
    annotations.push({ text: withPrefix(10 ** power, 'FLOP/s'), x: to - 1e-4, y: to - power - 1e-4, xanchor: top ? 'center' : 'right', yanchor: 'bottom', showarrow: false,
      font: { size: 11, color: colours.soft }, bgcolor: top ? 'rgba(0,0,0,0)' : colours.card });
  }
  const axis = (title, range) => ({ ...axisLook(colours, title), type: 'log', range, exponentformat: 'power', dtick: range[1] - range[0] > .9 ? 1 : 'D1' });
  const layout = {
    ...layoutFor(colours, size, 'Seconds against FLOPs', 'a point a trial; dots: equal rates'),
    margin: { l: 62, r: 20, t: 84 + legendRoom([...named], size.width - 82), b: 56 }, hovermode: 'closest', annotations, shapes,
    legend: { ...legendAbove(), y: 1.06 },
    xaxis: axis('training FLOPs, logarithmic', xs), yaxis: axis('seconds, logarithmic', ys),
  };
  return Plotly.react(element, traces, layout, config('seconds-against-flops', 900, 600));
}
