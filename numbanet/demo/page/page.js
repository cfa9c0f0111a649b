"use strict";

/* The pad, and what the network says of it. `network`, from network.js, answers: facts() and answer(picture). */

const PICTURE = 112;      // pixels of what the network is given, along each edge
const PEN = 0.085;        // width of the pen, as a part of the pad: 2.4 pixels of a digit that fills it
const STEP = 1 / 28;      // how far an arrow key moves the pen
const PAUSE = 700;        // milliseconds without a change until the result is spoken

const byId = id => document.getElementById(id);
const pad = byId("pad");

/* Lines: lists of points [x, y], from 0 to 1. The pen is where the arrow keys have moved it. */

let lines = [];
let pen = { x: 0.5, y: 0.5, down: false, shown: false };

function paint(canvas, ink, width) {
    const context = canvas.getContext("2d");
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = PEN * width;
    context.strokeStyle = context.fillStyle = ink;
    for (const line of lines) {
        const [[x, y]] = line;
        context.beginPath();
        context.arc(x * width, y * width, (PEN / 2) * width, 0, 2 * Math.PI); // a line of no length has no caps
        context.fill();
        context.beginPath();
        line.forEach(([x, y], at) => {
            const [nextX, nextY] = line[Math.min(at + 1, line.length - 1)];
            context.quadraticCurveTo(x * width, y * width, ((x + nextX) / 2) * width, ((y + nextY) / 2) * width);
        });
        context.stroke();
    }
    return context;
}

function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function show() {
    const width = Math.max(1, Math.round(pad.clientWidth * devicePixelRatio));
    pad.width = pad.height = width;
    const context = paint(pad, colour("text"), width);
    if (pen.shown && document.activeElement === pad) {
        context.beginPath();
        context.arc(pen.x * width, pen.y * width, PEN * width * 0.62, 0, 2 * Math.PI);
        context.strokeStyle = context.fillStyle = colour("accent");
        context.lineWidth = 2 * devicePixelRatio;
        context.stroke();
        if (pen.down) {
            context.beginPath();
            context.arc(pen.x * width, pen.y * width, PEN * width * 0.25, 0, 2 * Math.PI);
            context.fill();
        }
    }
    pad.parentElement.classList.toggle("drawn", lines.length > 0 || pen.shown);
}

/* The picture for the network: one byte for each pixel, 255 for ink. */
function picture() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = PICTURE;
    const pixels = paint(canvas, "#000", PICTURE).getImageData(0, 0, PICTURE, PICTURE).data;
    return Uint8Array.from({ length: PICTURE * PICTURE }, (_, at) => pixels[4 * at + 3]);
}

/* One question at a time: what has changed meanwhile is asked when the answer is there. */

let asking = false;
let changed = false;

async function change() {
    show();
    changed = true;
    if (asking) {
        return;
    }
    asking = true;
    try {
        while (changed) {
            changed = false;
            tell(await network.answer(picture()));
        }
        byId("trouble").hidden = true;
    } catch (error) {
        complain(error);
    } finally {
        asking = false;
    }
}

function complain(error) {
    byId("trouble").textContent = `The network does not answer (${error.message}). Is numbanet draw still running?`;
    byId("trouble").hidden = false;
}

/* What the network says */

const percent = probability => `${(100 * probability).toFixed(1)}%`;
const best = probabilities => probabilities.indexOf(Math.max(...probabilities));

function element(name, className, ...children) {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
}

const bars = Array.from({ length: 10 }, (_, digit) => {
    const bar = element("div", "bar");
    const number = element("span", "number", "–");
    const track = element("div", "track", bar);
    track.setAttribute("aria-hidden", "true");
    const row = element("li", "", element("span", "", String(digit)), track, number);
    byId("bars").append(row);
    return { row, bar, number };
});

let speaking = 0;

function tell(answer) {
    const winner = answer.drawn ? best(answer.probabilities) : -1;
    byId("digit").textContent = answer.drawn ? winner : "?";
    byId("digit").className = answer.drawn ? "" : "none";
    bars.forEach(({ row, bar, number }, digit) => {
        const probability = answer.drawn ? answer.probabilities[digit] : 0;
        row.className = digit === winner ? "best" : "";
        bar.style.width = `${100 * probability}%`;
        number.textContent = answer.drawn ? percent(probability) : "–";
    });
    draw(byId("seen"), answer.image, inked);
    tiles(byId("variants"), answer.variants, inked, one => {
        const read = best(one.probabilities);
        const said = answer.drawn ? `${read}, ${percent(one.probabilities[read])}` : "–";
        return { label: one.name, said, differs: answer.drawn && read !== winner };
    });
    tiles(byId("units"), answer.drawn ? answer.units : [], signed, one => {
        return { label: `unit ${one.unit}`, said: one.activation.toFixed(2), differs: false };
    });
    clearTimeout(speaking);
    speaking = setTimeout(() => speak(answer), PAUSE);
}

function speak(answer) {
    const order = [...answer.probabilities.keys()].sort((a, b) => answer.probabilities[b] - answer.probabilities[a]);
    const said = order.slice(0, 2).map(digit => `${digit}, ${percent(answer.probabilities[digit])}`);
    byId("spoken").textContent = answer.drawn ? `The network reads ${said.join("; then ")}.` : "The pad is empty.";
}

/* A row of small pictures; its canvases stay, so that nothing flickers. */
function tiles(list, found, ink, describe) {
    while (list.children.length > found.length) {
        list.lastElementChild.remove();
    }
    found.forEach((one, at) => {
        if (at === list.children.length) {
            const canvas = element("canvas", "");
            canvas.width = canvas.height = 28;
            canvas.setAttribute("role", "img");
            list.append(element("li", "", canvas, element("strong", ""), element("div", "small")));
        }
        const tile = list.children[at];
        const { label, said, differs } = describe(one);
        tile.className = differs ? "differs" : "";
        tile.children[0].setAttribute("aria-label", `picture: ${label}`);
        tile.children[1].textContent = said;
        tile.children[2].textContent = label;
        draw(tile.children[0], one.image, ink);
    });
}

/* Small pictures: bytes in base64, mixed from the colours of the page. */

function rgb(name) {
    const number = parseInt(colour(name).slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
}

const inked = byte => ["text", byte / 255];
const signed = byte => (byte < 128 ? ["for", byte / 127] : ["against", (256 - byte) / 127]);

function draw(canvas, text, ink) {
    canvas.drawn = [text, ink];
    const colours = { paper: rgb("paper"), text: rgb("text"), for: rgb("for"), against: rgb("against") };
    const context = canvas.getContext("2d");
    const image = context.createImageData(28, 28);
    [...atob(text)].forEach((character, at) => {
        const [name, part] = ink(character.charCodeAt(0));
        colours.paper.forEach((ground, channel) => {
            image.data[4 * at + channel] = ground + part * (colours[name][channel] - ground);
        });
        image.data[4 * at + 3] = 255;
    });
    context.putImageData(image, 0, 0);
}

/* Mouse, finger or stylus */

let pointer = null;

function place(event) {
    const box = pad.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

pad.addEventListener("pointerdown", event => {
    if (pointer !== null || event.button !== 0) {
        return;
    }
    clearTimeout(showing);
    pointer = event.pointerId;
    pad.setPointerCapture(pointer);
    pen = { ...pen, down: false, shown: false };
    lines.push([place(event)]);
    change();
});

pad.addEventListener("pointermove", event => {
    if (event.pointerId === pointer) {
        const moves = event.getCoalescedEvents?.() ?? [];
        lines.at(-1).push(...(moves.length ? moves : [event]).map(place));
        change();
    }
});

for (const end of ["pointerup", "pointercancel"]) {
    pad.addEventListener(end, event => {
        pointer = event.pointerId === pointer ? null : pointer;
    });
}

/* Keyboard: keys that are held together move the pen aslant. */

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const held = new Set();

function movePen() {
    const inside = place => Math.min(1, Math.max(0, place));
    for (const key of held) {
        pen.x = inside(pen.x + STEP * ARROWS[key][0]);
        pen.y = inside(pen.y + STEP * ARROWS[key][1]);
    }
    if (pen.down) {
        lines.at(-1).push([pen.x, pen.y]);
    }
}

function togglePen() {
    pen.down = !pen.down;
    byId("spoken").textContent = pen.down ? "Pen down." : "Pen up.";
    if (pen.down) {
        lines.push([[pen.x, pen.y]]);
    }
}

function erase() {
    clearTimeout(showing);
    lines = [];
    pen.down = false;
    change();
}

function undo() {
    clearTimeout(showing);
    lines.pop();
    pen.down = false;
    change();
}

pad.addEventListener("keydown", event => {
    if (event.key === "Escape" || event.key === "Delete" || event.key === "Backspace") {
        erase();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
        undo();
    } else if (event.key in ARROWS || event.key === " ") {
        clearTimeout(showing);
        pen.shown = true;
        if (event.key !== " ") {
            held.add(event.key);
            movePen();
        } else if (!event.repeat) {
            togglePen();
        }
        change();
    } else {
        return;
    }
    event.preventDefault();
});

pad.addEventListener("keyup", event => held.delete(event.key));
pad.addEventListener("blur", () => {
    held.clear();
    pen.down = false;
    show();
});
pad.addEventListener("focus", () => {
    pen.shown = pad.matches(":focus-visible");
    show();
});

byId("erase").addEventListener("click", erase);
byId("undo").addEventListener("click", undo);
byId("example").addEventListener("click", example);

/* Examples, drawn point by point; a point that comes twice makes a corner. */

const EXAMPLES = [
    [[[0.32, 0.25], [0.42, 0.17], [0.56, 0.16], [0.66, 0.24], [0.64, 0.36], [0.52, 0.46], [0.44, 0.48], [0.44, 0.48],
        [0.56, 0.5], [0.68, 0.6], [0.69, 0.73], [0.58, 0.83], [0.44, 0.84], [0.3, 0.76]]],
    [[[0.66, 0.2], [0.4, 0.2], [0.4, 0.2], [0.37, 0.46], [0.37, 0.46], [0.52, 0.42], [0.66, 0.49], [0.69, 0.63],
        [0.6, 0.79], [0.44, 0.82], [0.32, 0.75]]],
    [[[0.33, 0.32], [0.38, 0.2], [0.52, 0.15], [0.65, 0.23], [0.65, 0.38], [0.52, 0.57], [0.34, 0.8], [0.34, 0.8],
        [0.52, 0.8], [0.71, 0.79]]],
    [[[0.64, 0.28], [0.52, 0.16], [0.37, 0.23], [0.38, 0.38], [0.54, 0.5], [0.65, 0.64], [0.6, 0.8], [0.46, 0.83],
        [0.35, 0.72], [0.42, 0.55], [0.58, 0.42], [0.64, 0.28]]],
    [[[0.4, 0.18], [0.33, 0.52], [0.33, 0.52], [0.69, 0.52]], [[0.6, 0.2], [0.58, 0.84]]],
];
let [shown, showing] = [0, 0];

function example() {
    erase();
    const pause = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 60;
    const points = EXAMPLES[shown++ % EXAMPLES.length].flatMap(line => line.map((point, at) => ({ point, first: !at })));
    const step = () => {
        const { point, first } = points.shift();
        (first ? lines : lines.at(-1)).push(first ? [point] : point);
        change();
        showing = points.length ? setTimeout(step, pause) : 0;
    };
    step();
}

/* Other sizes and other colours of the page */

new ResizeObserver(show).observe(pad);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    show();
    document.querySelectorAll("canvas").forEach(canvas => canvas.drawn && draw(canvas, ...canvas.drawn));
});

async function start() {
    change();
    const { name, accuracy, digits, hidden } = await network.facts();
    const units = hidden ? ` with ${hidden} hidden units` : "";
    const right = `${percent(accuracy)} of MNIST's ${digits.toLocaleString("en")} test digits`;
    byId("facts").textContent = `You draw, and ${name}${units} reads. It gets ${right} right.`;
    byId("units-section").hidden = !hidden;
}

start().catch(complain);
