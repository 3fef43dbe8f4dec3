// npm run test:fuzz: every parser of bytes is fed what no one would write. --seconds N for each target;
// --seed N begins the TypeScript ones elsewhere.
import {fuzzNative} from './fuzz-native.js'
import {fuzzText} from './fuzz-text.js'
import {Figures, readOptions} from './suite.js'

const {seconds, seed} = readOptions('test:fuzz', {seconds: 60, seed: 1})
const figures = new Figures('test:fuzz')
fuzzNative(seconds, figures)
fuzzText(seconds, seed, figures)
figures.end()
