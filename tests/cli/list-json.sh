blindfold list probe --json
