blindfold list filters
