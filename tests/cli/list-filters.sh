blindfold list filter
