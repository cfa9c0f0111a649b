"use strict";

/* Who answers on a page without a server: the browser, with the weights that train.py wrote.

   It computes what numbanet/demo computes in Python: centring.py, variants.py, and reader.py for a network with one
   hidden layer. tests/test_draw_static.py compares the two. Images are arrays of rows of numbers. */

const [SIDE, BOX, MIDDLE, SHOWN] = [28, 20, 14, 8];
const PIXELS = 3;
const DEGREES = 20;

const sum = numbers => numbers.reduce((total, one) => total + one, 0);
const bytesOf = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
const textOf = bytes => btoa(String.fromCharCode(...bytes));

function image(height, width, pixel) {
    return Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => pixel(y, x)));
}

const transposed = rows => image(rows[0].length, rows.length, (y, x) => rows[x][y]);

/* Centring, as MNIST did it: see centring.py */

/* Scale an image to `count` rows: each is the mean of the rows that it covers. */
function shrink(rows, count) {
    const step = rows.length / count;
    return image(count, rows[0].length, (y, x) => sum(rows.map((row, at) => {
        const covered = Math.min((y + 1) * step, at + 1) - Math.max(y * step, at);
        return (Math.max(covered, 0) / step) * row[x];
    })));
}

/* Where the first of these rows is put, so that their mean position is in the middle. */
function corner(rows) {
    const ink = rows.map(sum);
    const mean = Math.round((1e6 * sum(ink.map((one, y) => one * y))) / sum(ink)) / 1e6;
    return Math.min(Math.max(Math.ceil(MIDDLE - mean - 0.5), 0), SIDE - rows.length);
}

function centred(rows) {
    const inked = rows.flatMap((row, y) => (row.some(Boolean) ? [y] : []));
    const across = transposed(rows).flatMap((column, x) => (column.some(Boolean) ? [x] : []));
    if (!inked.length) {
        return image(SIDE, SIDE, () => 0);
    }
    const box = rows.slice(inked[0], inked.at(-1) + 1).map(row => row.slice(across[0], across.at(-1) + 1));
    const longer = Math.max(box.length, box[0].length);
    const [height, width] = [box.length, box[0].length].map(one => Math.max(1, halfToEven((BOX * one) / longer)));
    const small = transposed(shrink(transposed(shrink(box, height)), width));
    const [top, left] = [corner(small), corner(transposed(small))];
    return image(SIDE, SIDE, (y, x) => small[y - top]?.[x - left] ?? 0);
}

/* As Python rounds. */
function halfToEven(number) {
    return number % 1 === 0.5 ? 2 * Math.round(number / 2) : Math.round(number);
}

/* The same picture, a little different: see variants.py */

const moved = (rows, down, right) => image(SIDE, SIDE, (y, x) => rows[y - down]?.[x - right] ?? 0);

function turned(rows, degrees) {
    const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const middle = (SIDE - 1) / 2;
    return image(SIDE, SIDE, (row, column) => {
        const [y, x] = [row - middle, column - middle];
        const [fromY, fromX] = [cosine * y - sine * x + middle, cosine * x + sine * y + middle];
        const [top, left] = [Math.floor(fromY), Math.floor(fromX)];
        const [down, right] = [fromY - top, fromX - left];
        const at = (stepY, stepX) => rows[top + stepY]?.[left + stepX] ?? 0;
        return (1 - down) * ((1 - right) * at(0, 0) + right * at(0, 1)) +
            down * ((1 - right) * at(1, 0) + right * at(1, 1));
    });
}

/* Each pixel the darkest, or the lightest, of itself and its four neighbours. */
function crossed(rows, choose) {
    const five = [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]].map(step => moved(rows, ...step));
    return image(SIDE, SIDE, (y, x) => choose(...five.map(one => one[y][x])));
}

const VARIANTS = {
    [`${PIXELS} pixels left`]: rows => moved(rows, 0, -PIXELS),
    [`${PIXELS} pixels up`]: rows => moved(rows, -PIXELS, 0),
    [`turned ${DEGREES}° left`]: rows => turned(rows, -DEGREES),
    [`turned ${DEGREES}° right`]: rows => turned(rows, DEGREES),
    thicker: rows => crossed(rows, Math.max),
    thinner: rows => crossed(rows, Math.min),
};

/* The network: two dense layers */

function unpacked({ weights, scale, bias }) {
    const signed = new Int8Array(bytesOf(weights).buffer);
    return { kernel: Float64Array.from(signed, (one, at) => one * scale[at % scale.length]), bias };
}

function dense({ kernel, bias }, inputs) {
    return bias.map((start, unit) => inputs.reduce((total, x, at) => total + x * kernel[at * bias.length + unit], start));
}

function softmax(logits) {
    const powers = logits.map(one => Math.exp(one - Math.max(...logits)));
    return powers.map(one => one / sum(powers));
}

/* What the hidden layer and the last one give for an image of bytes. */
function read([first, last], bytes) {
    const hidden = dense(first, Array.from(bytes, byte => byte / 255)).map(one => Math.max(one, 0));
    return { hidden, probabilities: softmax(dense(last, hidden)) };
}

/* The units with the largest activations; of a first layer, how they change with a pixel is the weight of it. */
function strongest({ kernel, bias }, hidden) {
    const order = hidden.map((_, unit) => unit).filter(unit => hidden[unit]).sort((a, b) => hidden[b] - hidden[a]);
    return order.slice(0, SHOWN).map(unit => {
        const weights = Array.from({ length: SIDE * SIDE }, (_, at) => kernel[at * bias.length + unit]);
        const largest = Math.max(...weights.map(Math.abs));
        const signed = Int8Array.from(weights, one => Math.round((127 * one) / largest));
        return { unit, activation: hidden[unit], image: textOf(new Uint8Array(signed.buffer)) };
    });
}

function loaded(file) {
    return new Promise((done, failed) => {
        const script = document.createElement("script");
        Object.assign(script, { src: file, onload: done, onerror: () => failed(new Error(`there is no ${file}`)) });
        document.head.append(script);
    });
}

const layers = loaded("weights.js").then(() => WEIGHTS.layers.map(unpacked));

const network = {
    async facts() {
        const hidden = (await layers)[0].bias.length;
        return { name: "a small network", accuracy: WEIGHTS.accuracy, digits: WEIGHTS.digits, hidden };
    },

    /* What is shown of a picture, which is PICTURE x PICTURE bytes of ink. */
    async answer(picture) {
        const side = Math.sqrt(picture.length);
        const bytes = rows => Uint8Array.from(rows.flat(), one => Math.floor(255 * one + 0.5));
        const largest = Math.max(...picture, 1);
        const seen = bytes(centred(image(side, side, (y, x) => picture[y * side + x] / largest)));
        const digit = image(SIDE, SIDE, (y, x) => seen[y * SIDE + x] / 255);
        const parts = await layers;
        const { hidden, probabilities } = read(parts, seen);
        return {
            drawn: picture.some(Boolean), image: textOf(seen), probabilities, units: strongest(parts[0], hidden),
            variants: Object.entries(VARIANTS).map(([name, change]) => {
                const changed = bytes(change(digit));
                return { name, image: textOf(changed), probabilities: read(parts, changed).probabilities };
            }),
        };
    },
};

/* Inside another page, which has the title, all of this one is shown: there is no second bar to scroll. */
if (window.parent !== window) {
    document.querySelector("h1").hidden = true;
    const tell = () => window.parent.postMessage({ height: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
    new ResizeObserver(tell).observe(document.body);
}
