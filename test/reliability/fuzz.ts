// npm run test:fuzz: feeds hostile input to every parser. --seconds N for each target;
// --seed N changes the start of the TypeScript targets.
import {fuzzNative} from './fuzz-native.js'
import {fuzzText} from './fuzz-text.js'
import {Figures, readOptions} from './suite.js'

const {seconds, seed} = readOptions('test:fuzz', {seconds: 60, seed: 1})
const figures = new Figures('test:fuzz')
fuzzNative(seconds, figures)
fuzzText(seconds, seed, figures)
figures.end()
