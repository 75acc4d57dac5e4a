blindfold --version
