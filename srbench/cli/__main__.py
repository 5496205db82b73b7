from srbench.cli.main import main

main()
