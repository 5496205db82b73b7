"""A verb: the size of SR for a size of LR."""

import click


@click.command()
@click.argument("size", nargs=2, type=int)
@click.option("--scale", default=4)
def example(size, scale):
    """Say how large SR is."""
    click.echo(f"{size[0] * scale} x {size[1] * scale}")
