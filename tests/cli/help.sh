blindfold --help
