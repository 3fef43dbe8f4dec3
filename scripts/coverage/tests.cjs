// Has the process that runs the tests count what it runs of src itself.
require('./count.cjs').beginTests()
