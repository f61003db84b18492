// clip_ort.mjs - one round of onnxruntime-node on the graphs of clip_make.py, as bench_clip's CSV lines.
//
//     node clip_ort.mjs MODULES DIR THREADS SECONDS
//
// MODULES is the folder whose node_modules holds onnxruntime-node. Pictures are timed from floats on: ORT gets
// its input normalised and laid out, which our figure includes. Its own threads share each call; as many
// sessions as threads with one thread each are tried too, and both are printed.
import { createRequire } from 'node:module';
import path from 'node:path';

const [modules, dir, threadsText, secondsText] = process.argv.slice(2);
const ort = createRequire(path.resolve(modules, 'package.json'))('onnxruntime-node');
const threads = Number(threadsText), seconds = Number(secondsText);
const side = 224, tokens = 16;

function pictures(count) {
    const data = new Float32Array(count * 3 * side * side).map((_, i) => ((i * 37) % 256) / 64 - 2);
    return new ort.Tensor('float32', data, [count, 3, side, side]);
}

async function rate(sessions, feed) {
    const start = performance.now();
    const counts = await Promise.all(sessions.map(async (s) => {
        let n = 0;
        for (; n < 3 || performance.now() - start < seconds * 1000; n++) await s.run({ in: feed });
        return n;
    }));
    return counts.reduce((a, b) => a + b) * 1000 / (performance.now() - start);
}

async function open(file, intra, count) {
    const options = { intraOpNumThreads: intra, interOpNumThreads: 1, graphOptimizationLevel: 'all' };
    const sessions = [];
    for (let i = 0; i < count; i++) sessions.push(await ort.InferenceSession.create(path.join(dir, file), options));
    return sessions;
}

function line(what, size, value, unit) {
    console.log(`${what},F32,${size},${threads},${value.toPrecision(4)},${unit},0,0`);
}

for (const [name, intra, count] of [['ort_pictures', threads, 1], ['ort_pictures_apart', 1, threads]]) {
    const sessions = await open('vision.onnx', intra, count);
    for (const batch of [1, 8, 32]) {
        const feed = pictures(batch);
        await sessions[0].run({ in: feed });
        line(name, batch, batch * await rate(sessions, feed), '1/s');
    }
    for (const s of sessions) await s.release();
}
const [text] = await open('text.onnx', threads, 1);
const ids = new ort.Tensor('int64', new BigInt64Array(tokens).map((_, i) => BigInt(i * 7)), [1, tokens]);
await text.run({ in: ids });
line('ort_text', tokens, 1000 / await rate([text], ids), 'ms');
