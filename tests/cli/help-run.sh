blindfold run --help
blindfold help run >help
blindfold run -h | diff help -
