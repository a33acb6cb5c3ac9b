// The page's behaviour. Everything shown comes from the JSON in #data, which Python computed; text from it is only ever
// set as text, never as markup (the drawings of sequences, which Python makes of numbers alone, are the exception).
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const state = { margin: 0, configuration: 0, over: "update", cost: "seconds_per_step", zoom: "all", column: 0, ascending: true };
  let printing = false;
  let data = JSON.parse(byId("data").textContent);
  state.margin = data.margin;

  const element = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "text") made.textContent = value;
      else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  };

  // ---- words and numbers

  const number = (value, digits = 3) =>
    value == null ? "unknown" : Number(value.toPrecision(digits)).toLocaleString("en", { maximumSignificantDigits: digits });
  // A score is a share, shown in percent, or an error, shown as it is.
  const scale = () => (data.metric.percent ? 100 : 1);
  const unit = () => (data.metric.percent ? " (%)" : "");
  const scored = (what = data.metric.title) => data.chosen_on || what; // where there is a test, scores are called by their split
  const shown = (score) => (score == null ? "unknown" : data.metric.percent ? (100 * score).toFixed(2) : number(score, 4));
  const written = (score) => (score != null && data.metric.percent ? `${shown(score)} %` : shown(score));
  const scaled = (score) => (score == null ? null : scale() * score);
  const most = (bound) => (bound == null ? "unknown" : data.metric.percent ? (100 * bound).toFixed(2) : number(bound));
  const span = (lower, upper) => (lower == null ? "" : `${shown(lower)} to ${shown(upper)}`);
  const bestOf = (values) => (data.metric.higher_is_better ? Math.max(...values) : Math.min(...values));
  const points = (margin) => {
    if (!data.metric.percent) return number(margin, 4);
    const text = String(Number((100 * margin).toPrecision(4)));
    return `${text} percentage point${text === "1" ? "" : "s"}`;
  };
  const duration = (seconds) => {
    const whole = Math.round(seconds);
    if (whole < 60) return `${whole} s`;
    const minutes = Math.floor(whole / 60);
    if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  };
  const rows = (columns) => {
    const names = Object.keys(columns);
    return names.length === 0 ? [] : columns[names[0]].map((_, i) => Object.fromEntries(names.map((n) => [n, columns[n][i]])));
  };
  const confidence = () => `${Number((100 * data.confidence).toPrecision(4))} %`;
  const chosen = () => data.configurations[Math.min(state.configuration, data.configurations.length - 1)];
  const answerOf = (configuration) => configuration.recommendations[state.margin];
  const named = (configuration, text) => (data.configurations.length > 1 ? `${configuration.name}\n${text}` : text);
  const lengthsOf = (configurations) =>
    [...new Set(configurations.flatMap((each) => each.lengths.map((row) => row.seq_len)))].sort((a, b) => a - b);

  // ---- the parts that all pictures share

  const series = (place) => `var(--c${place % data.colours})`;
  const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "wye", "cross"];

  const spreadOut = (lengths) => {
    const gaps = lengths.slice(1).map((length, i) => length - lengths[i]);
    return gaps.length > 1 && lengths[lengths.length - 1] >= 32 && Math.max(...gaps) > 4 * Math.min(...gaps);
  };
  const ticksOf = (lengths, width) => {
    const stride = Math.ceil(lengths.length / Math.max(2, Math.floor(width / 42)));
    const last = lengths.length - 1;
    const ticks = lengths.filter((_, i) => (last - i) % stride === 0);
    return last % stride >= 0.6 * stride ? [lengths[0], ...ticks] : ticks;
  };
  const lengthAxis = (lengths, width, label = "window length (time steps)") => ({
    label, labelAnchor: "center", labelArrow: "none", type: spreadOut(lengths) ? "log" : "linear",
    ticks: ticksOf(lengths, width), tickFormat: (length) => String(length),
    domain: lengths.length > 1 ? [lengths[0], lengths[lengths.length - 1]] : [lengths[0] - 1, lengths[0] + 1],
  });
  const accuracyAxis = (label) => ({ label, labelArrow: "none", grid: true, nice: true, ticks: 6 });
  const lengthColours = (lengths) => ({
    type: spreadOut(lengths) ? "log" : "linear", scheme: "viridis", range: dark.matches && !printing ? [0.3, 1] : [0.92, 0],
    domain: lengths.length > 1 ? [lengths[0], lengths[lengths.length - 1]] : [lengths[0], lengths[0] + 1],
    label: "window length of training (steps)", tickFormat: (length) => String(length), ticks: ticksOf(lengths, 210),
  });
  const logAxis = (label) => ({ type: "log", label, labelAnchor: "center", labelArrow: "none", tickFormat: (value) => number(value, 3), ticks: 6 });
  const base = (width, height) => ({
    width, height, marginLeft: 48, marginRight: 16, marginTop: 26, marginBottom: 40,
    style: { fontSize: "12px", fontFamily: "inherit", background: "transparent" },
  });
  const tip = (points, options = {}) =>
    Plot.tip(points, Plot.pointer({
      x: "x", y: "y", title: "text", maxRadius: 45, fontSize: 12.5, lineHeight: 1.3, fill: "var(--plot-background)",
      stroke: "var(--muted)", preferredAnchor: "bottom-right", clip: false, ariaHidden: true, ...options,
    }));

  // The legend, in HTML so that it wraps and screen readers can read it.
  const mark = (kind, colour) => {
    const shapes = {
      line: `<path d="M0 6H22" style="stroke:${colour};stroke-width:2"/><circle cx="11" cy="6" r="3" style="fill:${colour}"/>`,
      dashes: `<path d="M0 6H22" style="stroke:${colour};stroke-width:1.5;stroke-dasharray:3 2"/>`,
      band: `<rect width="22" height="12" style="fill:${colour}"/>`,
      ring: `<circle cx="11" cy="6" r="5" style="fill:none;stroke:${colour};stroke-width:2"/>`,
    };
    const template = document.createElement("template");
    template.innerHTML = `<svg width="22" height="12" aria-hidden="true">${shapes[kind]}</svg>`;
    return template.content.firstChild;
  };
  const key = (...entries) =>
    element("ul", { class: "legend" }, ...entries.map(([kind, colour, text]) => element("li", {}, mark(kind, colour), element("span", { text }))));

  // A group of radio buttons: which of several things a picture shows.
  const choice = (name, legend, options) => {
    const group = element("fieldset", { class: "switch" }, element("legend", { text: legend }));
    for (const [value, text] of options) {
      const input = element("input", { type: "radio", name, value });
      input.checked = state[name] === value;
      input.addEventListener("change", () => { state[name] = value; drawAll(); });
      group.append(element("label", {}, input, element("span", { text })));
    }
    return group;
  };

  const tableOf = (name, columns, points) => {
    const head = element("tr", {}, ...columns.map(([text]) => element("th", { scope: "col", text })));
    const body = points.map((point) => element("tr", {}, ...columns.map(([, value]) => element("td", { text: value(point) }))));
    return element("div", { class: "scroll small", tabindex: 0, role: "group", "aria-label": name },
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
  };

  // ---- the pictures: each returns what it draws, its points (with text, to walk through by keyboard) and its table

  const accuracy = (width) => {
    const all = data.configurations;
    const lengths = lengthsOf(all);
    const one = all.length === 1;
    const found = all.flatMap((each, place) => each.lengths.map((row) => {
      const verdict = answerOf(each).verdicts[row.seq_len];
      const bound = answerOf(each).bounds[row.seq_len];
      const interval = row.val_lower == null ? "" : ` (${span(row.val_lower, row.val_upper)})`;
      return {
        x: row.seq_len, y: scaled(row.val), lower: scaled(row.val_lower), upper: scaled(row.val_upper), test: scaled(row.test), place, name: each.name,
        seeds: row.seeds, verdict, bound,
        text: named(each, `length ${row.seq_len}${row.span ? ` (${row.span})` : ""}, ${row.seeds} seed${row.seeds === 1 ? "" : "s"}\n${scored()} ${written(row.val)}${interval}${data.tested ? `\ntest ${written(row.test)}` : ""}${bound == null ? "" : `\ncosts at most ${points(bound)}`}${verdict ? `\n${verdict}` : ""}`),
      };
    }));
    const values = found.flatMap((point) => [point.y, point.lower, point.upper, point.test].filter((value) => value != null));
    const best = bestOf(found.map((point) => point.y));
    const high = Math.max(...values), lowest = Math.min(...values);
    const near = Math.max(data.metric.percent ? 5 : 0, 4 * scale() * data.margins[state.margin]);
    const whole = state.zoom === "all";
    const low = whole || !data.metric.higher_is_better ? lowest : Math.max(lowest, best - near);
    const top = whole || data.metric.higher_is_better ? high : Math.min(high, best + near);
    const room = 0.03 * (top - low || scale() / 10);
    const recommended = found.filter((point) => answerOf(all[point.place]).seq_len === point.x);
    const margin = scale() * data.margins[state.margin];
    const marks = [];
    if (one && recommendable(all[0])) {
      marks.push(Plot.rect([0], { x1: lengths[0], x2: lengths[lengths.length - 1], y1: data.metric.higher_is_better ? Math.max(best - margin, low - room) : best, y2: data.metric.higher_is_better ? best : Math.min(best + margin, top + room), fill: "var(--band)" }));
    }
    for (let place = 0; place < all.length; place += 1) {
      const own = found.filter((point) => point.place === place);
      marks.push(
        Plot.areaY(own, { x: "x", y1: "lower", y2: "upper", fill: series(place), fillOpacity: 0.18 }),
        ...(one && data.tested ? [Plot.lineY(own, { x: "x", y: "test", stroke: "var(--muted)", strokeWidth: 1.3, strokeDasharray: "3 3" })] : []),
        Plot.lineY(own, { x: "x", y: "y", stroke: series(place), strokeWidth: 2 }),
        Plot.dot(own, { x: "x", y: "y", fill: series(place), r: one ? 3.5 : 3.2, symbol: SYMBOLS[place % 7] }),
      );
    }
    if (one) marks.push(Plot.ruleX(recommended, { x: "x", y1: low - room, y2: "y", stroke: "var(--accent)", strokeWidth: 1.2 }));
    for (const point of recommended) {
      marks.push(Plot.dot([point], { x: "x", y: "y", r: 9, stroke: one ? "var(--accent)" : series(point.place), strokeWidth: 2.2, ariaLabel: "recommended length" }));
    }
    marks.push(tip(found));
    const interval = `${confidence()} interval ${all[0].source}`;
    return {
      after: (data.metric.higher_is_better ? best - lowest : high - best) > (data.metric.percent ? 10 : 8 * margin) ? choice("zoom", "Show", [["all", "the whole curve"], ["top", "near the best"]]) : null,
      plot: Plot.plot({
        ...base(width, Math.round(Math.max(215, Math.min(380, width * 0.46)))),
        x: { ...lengthAxis(lengths, width), inset: 10 },
        insetTop: 9,
        y: { ...accuracyAxis(data.metric.label), nice: false, domain: [low - room, top + room] },
        clip: true,
        marks,
      }),
      points: found,
      legend: one
        ? key(["line", series(0), `${scored()}, with its ${interval}`], ...(data.tested ? [["dashes", "var(--muted)", "test"]] : []),
          ["band", "var(--band)", "within the margin of the best"], ["ring", "var(--accent)", "recommended"])
        : key(...all.map((each, place) => ["line", series(place), each.name]), ["ring", "var(--ink)", "recommended"], ["band", "color-mix(in srgb, var(--muted) 30%, transparent)", interval]),
      summary: `${data.metric.title} over window length. ${all.map((each) => (one ? "" : `${each.name}: `) + answerOf(each).sentence).join(" ")}`,
      columns: [...configurationColumn(), ["length", (p) => p.x], ["seeds", (p) => p.seeds], [`${scored()}${unit()}`, (p) => shown(p.y / scale())],
        [`${confidence()} interval`, (p) => (p.lower == null ? "" : span(p.lower / scale(), p.upper / scale()))], ...(data.tested ? [[`test${unit()}`, (p) => shown(p.test / scale())]] : []),
        ["costs at most", (p) => most(p.bound)], ["verdict", (p) => p.verdict || ""]],
    };
  };

  const recommendable = (configuration) => Object.keys(answerOf(configuration).verdicts).length > 0;
  const configurationColumn = () => (data.configurations.length > 1 ? [["configuration", (point) => point.name]] : []);

  const COSTS = {
    seconds_per_step: { name: "time a step", unit: "ms", scale: 1e3 },
    flops_per_step: { name: "arithmetic a step", unit: "MFLOP", scale: 1e-6 },
    activation_bytes: { name: "activations in memory", unit: "KiB", scale: 1 / 1024 },
    seconds: { name: "time of a training", unit: "s", scale: 1 },
  };

  const cost = (width) => {
    const all = data.configurations;
    if (!data.costs.includes(state.cost)) state.cost = "seconds";
    const { name, unit, scale } = COSTS[state.cost];
    const lengths = lengthsOf(all);
    const found = all.flatMap((each, place) => each.lengths.map((row) => ({
      x: row.seq_len, y: scale * row[state.cost], place, name: each.name,
      text: named(each, `length ${row.seq_len}\n${number(scale * row[state.cost])} ${unit}`),
    })));
    const marks = all.map((_, place) => Plot.line(found.filter((point) => point.place === place), {
      x: "x", y: "y", stroke: series(place), strokeWidth: 2, marker: "dot",
    }));
    return {
      before: choice("cost", "Show", Object.entries(COSTS).filter(([value]) => data.costs.includes(value)).map(([value, { name: text }]) => [value, text])),
      plot: Plot.plot({
        ...base(width, Math.round(Math.max(190, Math.min(280, width * 0.36)))),
        x: { ...lengthAxis(lengths, width), inset: 8 },
        y: { label: `${name} (${unit})`, labelArrow: "none", grid: true, zero: true, nice: true, ticks: 5 },
        marks: [...marks, tip(found)],
      }),
      points: found,
      legend: all.length > 1 ? key(...all.map((each, place) => ["line", series(place), each.name])) : null,
      summary: `Cost over window length: ${name} in ${unit}.`,
      columns: [...configurationColumn(), ["length", (p) => p.x], [`${name} (${unit})`, (p) => number(p.y, 4)]],
    };
  };

  const frontier = (width) => {
    const configuration = chosen();
    const lengths = lengthsOf([configuration]);
    const text = (row) => `length ${row.seq_len}\n${number(row.seconds)} s of training (${number(row.update, 6)} steps)\nvalidation ${written(row.val_score)}`;
    const found = rows(configuration.learning_curves).map((row) => ({ ...row, x: row.seconds, y: scaled(row.val_score), place: row.seq_len, text: text(row) }));
    const best = rows(configuration.frontier).map((row) => ({ ...row, x: row.seconds, y: scaled(row.val_score), place: row.seq_len, text: `the best at this time\n${text(row)}` }));
    const changes = best.filter((row, i) => i === 0 || row.seq_len !== best[i - 1].seq_len);
    const extent = (values) => Math.max(...values) - Math.min(...values) || 1;
    const across = extent(best.map((row) => Math.log(row.x))), up = extent(best.map((row) => row.y));
    const labels = [];
    for (const row of [...changes].reverse()) {
      const near = (other) => Math.hypot(((Math.log(row.x) - Math.log(other.x)) / across) * (width / 700), (row.y - other.y) / up * 0.5) < 0.035;
      if (!labels.some(near)) labels.push(row);
    }
    return {
      plot: Plot.plot({
        ...base(width, Math.round(Math.max(240, Math.min(380, width * 0.46)))),
        x: { ...logAxis("time of training (s)"), ticks: Math.max(3, Math.floor(width / 110)) },
        y: accuracyAxis(`validation ${data.metric.label}`),
        color: lengthColours(lengths),
        marks: [
          Plot.line(found, { x: "x", y: "y", z: "seq_len", stroke: "seq_len", strokeWidth: 1.2, strokeOpacity: 0.75 }),
          Plot.line(best, { x: "x", y: "y", stroke: "var(--ink)", strokeWidth: 2.2, marker: "dot" }),
          Plot.text(labels, { x: "x", y: "y", text: (row) => String(row.seq_len), dx: -7, dy: -9, fill: "var(--ink)", stroke: "var(--page)", strokeWidth: 4, fontWeight: 600 }),
          tip([...best, ...found]),
        ],
      }),
      colours: lengthColours(lengths),
      points: best,
      summary: `Validation ${data.metric.title} against the time of training. The best length for a time: ${changes.map((row) => `${row.seq_len} from ${number(row.x)} s`).join(", ")}.`,
      columns: [["length", (p) => p.seq_len], ["time (s)", (p) => number(p.seconds, 4)], ["training steps", (p) => number(p.update, 9)], [`validation${unit()}`, (p) => shown(p.val_score)]],
    };
  };

  const OVER = { update: "training steps", timesteps: "time steps seen", seconds: "time of training (s)" };

  const learning = (width) => {
    const configuration = chosen();
    const lengths = lengthsOf([configuration]);
    const found = rows(configuration.learning_curves).map((row) => ({
      ...row, x: row[state.over], y: scaled(row.val_score), place: row.seq_len,
      text: `length ${row.seq_len}\n${number(row.update, 9)} training steps\n${number(row.timesteps)} time steps seen\n${number(row.seconds)} s\nvalidation ${written(row.val_score)}`,
    }));
    return {
      before: choice("over", "Over", [["update", "training steps"], ["timesteps", "time steps seen"], ["seconds", "time"]]),
      plot: Plot.plot({
        ...base(width, Math.round(Math.max(230, Math.min(360, width * 0.43)))),
        x: { ...logAxis(OVER[state.over]), ticks: Math.max(3, Math.floor(width / 110)) },
        y: accuracyAxis(`validation ${data.metric.label}`),
        color: lengthColours(lengths),
        marks: [Plot.line(found, { x: "x", y: "y", z: "seq_len", stroke: "seq_len", strokeWidth: 1.6 }), tip(found)],
      }),
      colours: lengthColours(lengths),
      points: found,
      summary: `Learning curves: validation ${data.metric.title} over ${OVER[state.over]}, a curve for each of ${lengths.length} lengths.`,
      columns: [["length", (p) => p.seq_len], ["training steps", (p) => number(p.update, 9)], ["time steps seen", (p) => number(p.timesteps, 9)], ["time (s)", (p) => number(p.seconds, 4)], [`validation${unit()}`, (p) => shown(p.val_score)]],
    };
  };

  const plan = (width) => {
    const lengths = lengthsOf([chosen()]);
    const when = (row) => (row.begun == null ? "" : row.round === 1 ? "at the beginning" : `after ${duration(row.begun)}`);
    const found = chosen().plan.map((row) => ({
      ...row, x: row.seq_len, y: row.round, place: row.round,
      text: `round ${row.round}${row.begun == null ? "" : `, ${when(row)}`}\nlength ${row.seq_len}\n${row.seeds} seed${row.seeds === 1 ? "" : "s"}${row.runs === row.seeds ? "" : `, ${row.runs} trainings`}`,
    }));
    const rounds = [...new Set(found.map((row) => row.round))];
    const inRound = (round) => found.filter((row) => row.round === round);
    return {
      plot: Plot.plot({
        ...base(width, 70 + 26 * rounds.length),
        x: { ...lengthAxis(lengths, width), inset: 12 },
        y: { type: "band", domain: rounds, label: "round", labelArrow: "none", tickSize: 0 },
        marks: [
          Plot.ruleY(rounds, { stroke: "var(--line)" }),
          Plot.dot(found, { x: "x", y: "y", r: 9, fill: "var(--page)", stroke: series(0), strokeWidth: 1.5 }),
          Plot.text(found, { x: "x", y: "y", text: (row) => String(row.seeds), fill: "var(--ink)", fontSize: 11 }),
          tip(found),
        ],
      }),
      points: found,
      summary: `What was trained when. ${rounds.map((round) => `Round ${round}: lengths ${inRound(round).map((row) => row.seq_len).join(", ")}`).join(". ")}.`,
      columns: [["round", (p) => p.round], ["began", when], ["length", (p) => p.seq_len], ["seeds", (p) => p.seeds], ["trainings", (p) => p.runs]],
    };
  };

  const matrix = (width) => {
    const found = rows(chosen().matrix).map((row) => ({
      ...row, x: row.eval_len, y: row.seq_len, place: row.seq_len,
      text: `trained on ${row.seq_len}, used at ${row.eval_len}\ntest ${written(row.score)}`,
    }));
    if (found.length === 0) return { missing: "The study has no other lengths of evaluation (eval_lens), so this is not known." };
    const across = [...new Set(found.map((row) => row.x))].sort((a, b) => a - b);
    const down = [...new Set(found.map((row) => row.y))].sort((a, b) => b - a);
    const wide = Math.min(width, 720);
    const shares = found.map((row) => row.score), low = Math.min(...shares), high = Math.max(...shares);
    const numbered = wide / across.length > 34 && down.length <= 16;
    const colours = { scheme: "cividis", label: `test ${data.metric.label}`, domain: [scale() * low, scale() * high || 1], tickFormat: (share) => number(share) };
    return {
      plot: Plot.plot({
        ...base(wide, Math.round(Math.max(220, Math.min(520, 66 + Math.max(26, 150 / down.length) * Math.min(down.length, 17))))),
        x: { type: "band", domain: across, label: "window length of evaluation (time steps)", labelAnchor: "center", labelArrow: "none", ticks: ticksOf(across, wide), padding: 0.04 },
        y: { type: "band", domain: down, label: "window length of training (time steps)", labelArrow: "none", ticks: ticksOf([...down].reverse(), 420), padding: 0.04 },
        color: colours,
        marks: [
          Plot.cell(found, { x: "x", y: "y", fill: (row) => scaled(row.score) }),
          Plot.cell(found.filter((row) => row.x === row.y), { x: "x", y: "y", stroke: "var(--ink)", strokeWidth: 2 }),
          ...(numbered ? [Plot.text(found, { x: "x", y: "y", text: (row) => data.metric.percent ? (100 * row.score).toFixed(0) : number(row.score, 2), fill: (row) => (row.score - low > 0.55 * (high - low) ? "#000000" : "#ffffff") })] : []),
          tip(found, { maxRadius: Infinity }),
        ],
      }),
      colours,
      points: found,
      summary: `Test ${data.metric.title} by the lengths of training and evaluation, ${shown(low)} to ${written(high)}.`,
      columns: [["trained on", (p) => p.seq_len], ["evaluated at", (p) => p.eval_len], [`test${unit()}`, (p) => shown(p.score)]],
    };
  };

  const anytime = (width) => {
    const found = rows(chosen().anytime).map((row) => ({
      ...row, x: row.steps, y: scaled(row.score), place: row.seq_len,
      text: `trained on ${row.seq_len}\nafter ${row.steps} step${row.steps === 1 ? "" : "s"}\ntest ${written(row.score)}`,
    }));
    if (found.length === 0) return { missing: "The study has no other lengths of evaluation (eval_lens), so this is not known." };
    const lengths = [...new Set(found.map((row) => row.seq_len))].sort((a, b) => a - b);
    const steps = [...new Set(found.map((row) => row.steps))].sort((a, b) => a - b);
    const own = found.filter((row) => row.steps === row.seq_len);
    return {
      plot: Plot.plot({
        ...base(width, Math.round(Math.max(230, Math.min(360, width * 0.43)))),
        x: lengthAxis(steps, width, "time steps read"),
        y: accuracyAxis(`test ${data.metric.label}`),
        color: lengthColours(lengths),
        marks: [
          Plot.line(found, { x: "x", y: "y", z: "seq_len", stroke: "seq_len", strokeWidth: 1.5 }),
          Plot.dot(own, { x: "x", y: "y", fill: "seq_len", stroke: "var(--page)", strokeWidth: 1, r: 4 }),
          tip(found),
        ],
      }),
      colours: lengthColours(lengths),
      points: found,
      summary: `Test ${data.metric.title} after each time step of the longest window, a curve for each length trained on.`,
      columns: [["trained on", (p) => p.seq_len], ["steps read", (p) => p.steps], [`test${unit()}`, (p) => shown(p.score)]],
    };
  };

  const CHARTS = { accuracy, cost, plan, frontier, learning, matrix, anytime };
  const NAMES = {
    accuracy: "accuracy over length", cost: "cost over length", plan: "what was trained when", frontier: "accuracy against time", learning: "learning curves",
    matrix: "accuracy by the lengths of training and use", anytime: "accuracy after each step",
  };

  // ---- adding a figure to the page, with what keyboards and screen readers need

  const drawChart = (id) => {
    const figure = byId(id);
    if (!figure) return; // what only networks of our own have
    const focused = figure.contains(document.activeElement) ? document.activeElement : null;
    const again = focused && (focused.matches(".plot") ? ".plot" : focused.name ? `[name="${focused.name}"]:checked` : focused.matches("summary") ? "summary" : null);
    const open = figure.querySelector("details")?.open;
    if (data.configurations.length === 0) { figure.replaceChildren(); return; }
    const width = Math.max(260, figure.clientWidth || figure.parentElement.clientWidth);
    const made = CHARTS[id](width);
    if (made.missing) { figure.replaceChildren(element("p", { class: "note", text: made.missing })); return; }
    const svg = made.plot.matches("svg") ? made.plot : made.plot.querySelector("svg");
    // The picture is one image with one name; its parts, which Plot names, are none of their own.
    for (const part of svg.querySelectorAll("[aria-label]")) {
      part.dataset.mark = part.getAttribute("aria-label");
      part.removeAttribute("aria-label");
    }
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", made.summary);
    const readout = element("p", { class: "readout", "aria-live": "polite" });
    const plot = element("div", { class: "plot", tabindex: 0, role: "group", "aria-label": `Picture of ${NAMES[id]}; the arrow keys go from point to point` }, made.plot);
    plot.addEventListener("keydown", walk(made, svg, readout));
    const numbers = element("details", {}, element("summary", { text: "Numbers" }));
    const fill = () => { if (numbers.open && numbers.children.length === 1) numbers.append(tableOf(`Numbers of ${NAMES[id]}`, made.columns, made.points)); };
    numbers.addEventListener("toggle", fill);
    numbers.open = Boolean(open);
    const legend = made.colours ? Plot.legend({ color: made.colours, width: Math.min(260, width), style: { fontSize: "12px", fontFamily: "inherit", background: "transparent" } }) : made.legend;
    if (made.colours) { legend.setAttribute("role", "img"); legend.setAttribute("aria-label", `Colours: ${made.colours.label}`); }
    const thinned = chosen().drawn[id];
    const note = thinned && element("p", { class: "note", text: thinned });
    figure.replaceChildren(...[made.before, legend, plot, readout, made.after, note, numbers].filter(Boolean));
    if (again) figure.querySelector(again)?.focus({ preventScroll: true });
  };

  // Arrow keys: left and right go through the points, up and down from series to series, home and end to the ends.
  const walk = (made, svg, readout) => {
    let place = -1;
    return (event) => {
      const points = made.points, last = points.length - 1;
      const other = (direction) => {
        const here = points[Math.max(place, 0)];
        for (let i = Math.max(place, 0); i >= 0 && i <= last; i += direction) {
          if (points[i].place !== here.place) return points.findIndex((p) => p.place === points[i].place && p.x >= here.x);
        }
        return place;
      };
      const moves = {
        ArrowRight: () => Math.min(place + 1, last), ArrowLeft: () => Math.max(place - 1, 0), Home: () => 0, End: () => last,
        ArrowDown: () => other(1), ArrowUp: () => other(-1),
      };
      if (!(event.key in moves) || event.target !== event.currentTarget) return;
      event.preventDefault();
      place = Math.max(0, moves[event.key]());
      const point = points[place];
      readout.textContent = point.text;
      const scale = (name) => { const used = made.plot.scale(name); return used.apply(point[name]) + (used.bandwidth ?? 0) / 2; };
      const box = svg.getBoundingClientRect(), zoom = box.width / svg.viewBox.baseVal.width;
      const where = { clientX: box.left + zoom * scale("x"), clientY: box.top + zoom * scale("y"), bubbles: true, pointerType: "mouse" };
      svg.dispatchEvent(new PointerEvent("pointerenter", where));
      svg.dispatchEvent(new PointerEvent("pointermove", where));
    };
  };

  // ---- the answer, the table, the sequences

  const drawAnswer = () => {
    const margin = points(data.margins[state.margin]);
    byId("margin-value").textContent = margin;
    byId("margin").setAttribute("aria-valuetext", margin);
    byId("margin-control").hidden = !data.configurations.some(recommendable);
    if (data.configurations.length === 0) {
      byId("answer").replaceChildren(element("p", { text: "No run has finished yet, so there is no answer." }));
      return;
    }
    // One answer is shown in full; of several, their beginnings above the figure and the sentences below it.
    const lines = data.configurations.map((each, place) => {
      const sentence = answerOf(each).sentence;
      const cut = sentence.indexOf(": ") < 0 ? sentence.length : sentence.indexOf(": ");
      const line = element("p", {}, element("strong", { text: sentence.slice(0, cut) }), element("span", { text: sentence.slice(cut) }));
      if (each.name) {
        const name = element("span", { class: "configuration", text: `${each.name} ` });
        name.style.setProperty("--series", series(place));
        line.prepend(name);
      }
      return line;
    });
    const several = lines.length > 1;
    byId("sentences").hidden = !several;
    byId("sentences").replaceChildren(...(several ? lines : []));
    byId("answer").replaceChildren(...(several ? lines.map((line) => {
      const short = line.cloneNode(true);
      short.lastChild.remove();
      return short;
    }) : lines));
  };

  const COLUMNS = [
    { name: "length", value: (row) => row.seq_len },
    ...(data.spans ? [{ name: "time", value: (row) => row.seq_len, text: (row) => [row.span] }] : []),
    { name: "seeds", value: (row) => row.seeds },
    { name: `${scored()}${unit()}`, value: (row) => row.val, text: (row) => [shown(row.val), span(row.val_lower, row.val_upper)] },
    ...(data.tested ? [{ name: `test${unit()}`, value: (row) => row.test, text: (row) => [shown(row.test), span(row.test_lower, row.test_upper)] }] : []),
    { name: `costs at most${data.metric.percent ? " (points)" : ""}`, value: (row) => row.bound ?? Infinity, text: (row) => [most(row.bound)] },
    { name: "ms a step", cost: "seconds_per_step", value: (row) => row.seconds_per_step, text: (row) => [number(1e3 * row.seconds_per_step)] },
    { name: "MFLOP a step", cost: "flops_per_step", value: (row) => row.flops_per_step, text: (row) => [number(row.flops_per_step / 1e6)] },
    { name: "activations (KiB)", cost: "activation_bytes", value: (row) => row.activation_bytes, text: (row) => [number(row.activation_bytes / 1024)] },
    { name: "training steps", cost: "updates", value: (row) => row.updates, text: (row) => [number(row.updates, 9)] },
    { name: "time steps seen", cost: "timesteps", value: (row) => row.timesteps, text: (row) => [number(row.timesteps)] },
    { name: "training (s)", cost: "seconds", value: (row) => row.seconds, text: (row) => [number(row.seconds)] },
    { name: "verdict", value: (row) => row.verdict, words: true },
  ];

  const baseline = () => {
    if (!data.baseline) return "";
    const { title, validation, test } = data.baseline;
    return ` Baseline, ${title}: ${[written(validation), data.chosen_on].join(" ").trim()}${test == null ? "" : `, ${written(test)} test`}.`;
  };

  const drawTable = () => {
    const several = data.configurations.length > 1;
    const known = COLUMNS.filter((column) => !column.cost || data.costs.includes(column.cost));
    const columns = several ? [{ name: "configuration", value: (row) => row.name, words: true }, ...known] : known;
    state.column = Math.min(state.column, columns.length - 1);
    const found = data.configurations.flatMap((each) => each.lengths.map((row) => ({ ...row, name: each.name, verdict: answerOf(each).verdicts[row.seq_len] ?? "", bound: answerOf(each).bounds[row.seq_len] })));
    const { value, words } = columns[state.column];
    const order = words ? (a, b) => value(a).localeCompare(value(b)) : (a, b) => (value(a) ?? -Infinity) - (value(b) ?? -Infinity);
    found.sort((a, b) => (state.ascending ? order(a, b) : order(b, a)));
    const focused = document.activeElement?.closest?.("#lengths th")?.cellIndex;
    const heads = columns.map((column, i) => {
      const button = element("button", { type: "button", text: column.name });
      button.addEventListener("click", () => {
        state.ascending = state.column === i ? !state.ascending : true;
        state.column = i;
        drawTable();
      });
      const sort = state.column === i ? (state.ascending ? "ascending" : "descending") : "none";
      return element("th", { scope: "col", "aria-sort": sort, class: column.words ? "text" : false }, button);
    });
    const body = found.map((row) => element("tr", { class: row.verdict === "recommended" ? "recommended" : false }, ...columns.map((column) => {
      const [text, interval] = column.text ? column.text(row) : [String(column.value(row))];
      const cell = element("td", { class: column.words ? "text" : false, text });
      if (interval) cell.append(element("span", { class: "interval", text: ` ${interval}` }));
      return cell;
    })));
    const caption = data.configurations.length ? `Scores (${data.metric.title}) with ${confidence()} intervals ${data.configurations[0].source}; what a length costs at most against the best, with ${confidence()} confidence (${points(data.margins[state.margin])} is the margin); other costs are medians over seeds.${baseline()}` : "No run has finished yet.";
    byId("lengths").replaceChildren(element("caption", { class: "note", text: caption }), element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...body));
    if (focused != null) byId("lengths").querySelectorAll("th button")[focused]?.focus();
  };

  const drawHard = () => {
    if (!byId("hard")) return;
    const found = chosen()?.hard;
    byId("hard").replaceChildren();
    byId("hard").hidden = !found?.sequences.length;
    if (!found) { byId("hard-note").textContent = data.metric.percent ? "At least two lengths are needed." : "Predicted numbers are not correct or wrong, so this does not apply."; return; }
    const { long, short, num_sequences: total, gained, lost } = found;
    const some = (count) => `${count.toLocaleString("en")} of ${total.toLocaleString("en")}`;
    const shown = found.sequences.length ? ` ${gained > found.sequences.length ? `Here are the ${found.sequences.length} clearest` : "Here they are"}, each with one of its windows of ${short}.` : "";
    byId("hard-note").textContent = `${some(gained)} test sequences are correct at length ${long} and wrong at ${short} in most seeds; ${some(lost)} are the opposite.${shown} ${found.note}`;
    byId("hard").replaceChildren(...found.sequences.map((each) => {
      const item = element("li");
      item.innerHTML = each.svg;
      item.append(element("strong", { text: `sequence ${each.index}, label ${each.label}` }), element("br"),
        `correct at ${long}: ${number(100 * each.long_right)} %; at ${short}: ${number(100 * each.short_right)} % of windows`);
      return item;
    }));
  };

  const drawStatus = () => {
    const { finished, failed, pending, complete, running, seconds_left: left, most_seconds_left: most, failures } = data.status;
    const total = pending == null ? null : finished + failed + pending;
    const parts = [];
    if (!complete) {
      const count = total == null ? `${finished} runs have finished` : `${finished} of ${total} runs have finished`;
      const state = running ? "The study is running" : "The study is not complete";
      const more = most == null ? "" : `, at most ${duration(most)} if seeds are added`;
      parts.push(`${state}: ${count}${left == null ? "" : `, about ${duration(left)} left${more}`}${finished ? "; the answer may change." : "."}`);
    }
    if (failed) parts.push(`${failed} run${failed === 1 ? " has" : "s have"} failed.`);
    const banner = byId("status"), text = parts.join(" ");
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = parts.length === 0;
    byId("failures").hidden = failures.length === 0;
    byId("failures").querySelector("ul").replaceChildren(...failures.map(({ run, reason }) => element("li", { text: `${run}: ${reason}` })));
  };

  const drawChoice = () => {
    const several = data.configurations.length > 1;
    byId("configuration-control").hidden = !several;
    byId("configuration").replaceChildren(...data.configurations.map((each, place) => element("option", { value: place, selected: place === state.configuration, text: each.name })));
  };

  const drawMade = () =>
    byId("made").replaceChildren(...data.made.map(({ name, value }) => element("div", {}, element("dt", { text: name }), element("dd", { text: value }))));

  const drawAll = () => {
    byId("details").hidden = data.configurations.length === 0;
    byId("costs").hidden = data.costs.length === 0;
    drawStatus();
    drawAnswer();
    drawChoice();
    Object.keys(CHARTS).forEach(drawChart);
    drawHard();
    drawTable();
    drawMade();
  };

  // ---- the user's actions

  byId("margin").addEventListener("input", (event) => {
    state.margin = Number(event.target.value);
    drawAnswer();
    drawChart("accuracy");
    drawTable();
  });
  byId("configuration").addEventListener("change", (event) => {
    state.configuration = Number(event.target.value);
    ["plan", "frontier", "learning", "matrix", "anytime"].forEach(drawChart);
    drawHard();
  });
  byId("download").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([data.csv], { type: "text/csv;charset=utf-8" }));
    element("a", { href: address, download: "results.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
  dark.addEventListener("change", drawAll);
  for (const [name, on] of [["beforeprint", true], ["afterprint", false]]) {
    window.addEventListener(name, () => { printing = on; drawAll(); }); // paper is light
  }
  let width = document.body.clientWidth;
  window.addEventListener("resize", () => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    Object.keys(CHARTS).forEach(drawChart);
  });
  drawAll();

  // ---- a running study: request updates from its server

  if ("live" in document.body.dataset) {
    const ask = async () => {
      try {
        const answer = await fetch(`data.json?version=${encodeURIComponent(data.version)}`);
        const news = await answer.json();
        const margin = data.margins[state.margin];
        const changed = news.version !== data.version;
        data = changed ? news : { ...data, status: news.status };
        state.margin = Math.max(0, data.margins.indexOf(margin));
        if (changed) drawAll();
        else drawStatus();
      } catch {
        byId("status").hidden = false;
        byId("status").textContent = "The server of this page does not answer; its last data are shown.";
      }
      setTimeout(ask, 2000);
    };
    setTimeout(ask, 2000);
  }
})();
